import type { ReactNode } from "react";
import { DeleteProjectDialog } from "./DeleteProjectDialog";
import type { SidebarDialog } from "./dialogs";
import { MoveDialog } from "./MoveDialog";
import { ProjectDialog } from "./ProjectDialog";
import { TagsDialog } from "./TagsDialog";

export default function SidebarDialogs({ dialog }: { dialog: SidebarDialog }): ReactNode {
  switch (dialog.kind) {
    case "tags":
      return <TagsDialog items={dialog.items} />;
    case "move":
      return <MoveDialog items={dialog.items} />;
    case "project":
      return <ProjectDialog project={dialog.project} items={dialog.items} />;
    case "deleteProject":
      return <DeleteProjectDialog project={dialog.project} />;
  }
}

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, Folder, FolderOpen, Pencil, Plus, Trash2 } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useEffect, useState, type DragEvent, type ReactNode } from "react";
import { listedConversations } from "../api/cache";
import { listFilter, narrow } from "../api/listFilter";
import { projectsQuery, tagsQuery } from "../api/order";
import type { Project } from "../api/types";
import { useI18n, useT } from "../i18n";
import { useStore } from "../lib/store";
import { LoadFailed } from "../ui/LoadFailed";
import { TagDot } from "../ui/TagDot";
import { sidebarDialog } from "./dialogs";
import { dropped, isDrag } from "./drag";
import { useMove } from "./useMove";

/** Projects and tags. A click on one lists what is in it, a second one lists everything again. */
export default function OrderSection(): ReactNode {
  const t = useT();
  const { data: projects, error, refetch } = useQuery(projectsQuery);
  const { projectId } = useStore(listFilter);
  const shown = projects?.find(({ id }) => id === projectId);
  const gone = projects !== undefined && projectId !== undefined && !shown;
  useEffect(() => {
    if (gone) narrow({ projectId: undefined });
  }, [gone]);
  return (
    <>
      <section className="order" aria-labelledby="projects-heading">
        <div className="order-head">
          <h2 id="projects-heading" className="conversations-heading">
            {t("projects.title")}
          </h2>
          <button
            type="button"
            className="icon-button small"
            aria-label={t("projects.new")}
            title={t("projects.new")}
            onClick={() => sidebarDialog.set({ kind: "project", project: null, items: [] })}
          >
            <Plus size={16} aria-hidden />
          </button>
        </div>
        {error && !projects && <LoadFailed text={t("projects.failed")} onRetry={() => void refetch()} />}
        {projects && projects.length > 0 && (
          <ul className="projects">
            {projects.map((project) => (
              <ProjectRow key={project.id} project={project} open={project === shown} />
            ))}
          </ul>
        )}
      </section>
      <TagFilter />
      {shown && <OutOfProject />}
    </>
  );
}

function useDrop(project: Project | null) {
  const queries = useQueryClient();
  const move = useMove();
  const [over, setOver] = useState(false);
  return {
    "data-over": over || undefined,
    onDragOver: (event: DragEvent): void => {
      if (!isDrag(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "move";
      setOver(true);
    },
    onDragLeave: (): void => setOver(false),
    onDrop: (event: DragEvent): void => {
      setOver(false);
      if (!isDrag(event)) return;
      event.preventDefault();
      move(listedConversations(queries, dropped(event)), project?.id ?? null, project?.name ?? null);
    },
  };
}

function ProjectRow({ project, open }: { project: Project; open: boolean }): ReactNode {
  const { t, number } = useI18n();
  const drop = useDrop(project);
  const Icon = open ? FolderOpen : Folder;
  return (
    <li className="conversation project" {...drop}>
      <button type="button" className="project-button" aria-pressed={open} title={project.name} onClick={() => narrow({ projectId: open ? undefined : project.id })}>
        <Icon size={16} aria-hidden />
        <span className="conversation-title" dir="auto">
          {project.name}
        </span>
        <span className="count">
          <span className="visually-hidden">{t("order.count")} </span>
          {number(project.conversationCount)}
        </span>
      </button>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger className="icon-button small conversation-menu" aria-label={t("nav.options", { title: project.name })}>
          <Ellipsis size={17} aria-hidden />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal container={document.querySelector<HTMLElement>(".sidebar")}>
          <DropdownMenu.Content className="menu" align="start" sideOffset={4} collisionPadding={8}>
            <DropdownMenu.Item onSelect={() => sidebarDialog.set({ kind: "project", project, items: [] })}>
              <Pencil size={16} aria-hidden /> {t("projects.edit")}
            </DropdownMenu.Item>
            <DropdownMenu.Item className="danger" onSelect={() => sidebarDialog.set({ kind: "deleteProject", project })}>
              <Trash2 size={16} aria-hidden /> {t("projects.delete")}
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </li>
  );
}

/** Lists everything again; conversations that are dropped on it leave their project. */
function OutOfProject(): ReactNode {
  const t = useT();
  return (
    <button type="button" className="all-conversations" {...useDrop(null)} onClick={() => narrow({ projectId: undefined })}>
      {t("projects.all")}
    </button>
  );
}

function TagFilter(): ReactNode {
  const { t, number } = useI18n();
  const { data: tags } = useQuery(tagsQuery);
  const { tag } = useStore(listFilter);
  const gone = tags !== undefined && tag !== undefined && !tags.some(({ name }) => name === tag);
  useEffect(() => {
    if (gone) narrow({ tag: undefined });
  }, [gone]);
  if (!tags?.length) return null;
  return (
    <div className="tag-filter" role="group" aria-label={t("tags.filter")}>
      {tags.map(({ name, color, count }) => (
        <button key={name} type="button" className="tag" aria-pressed={name === tag} onClick={() => narrow({ tag: name === tag ? undefined : name })}>
          <TagDot color={color} />
          <span dir="auto">{name}</span>
          <span className="count">{number(count)}</span>
        </button>
      ))}
    </div>
  );
}

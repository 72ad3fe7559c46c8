import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, type ReactNode } from "react";
import { deletePermanently, restoreConversation } from "../api/conversations";
import { deleteAll } from "../api/order";
import { trashQuery } from "../api/queries";
import type { Conversation } from "../api/types";
import { preferencesOf } from "../auth/preferences";
import { useSaveSettings } from "../auth/useSaveSettings";
import { useUser } from "../auth/user";
import { useT } from "../i18n";
import { LoadFailed } from "../ui/LoadFailed";
import { Select } from "../ui/Select";
import { toastError } from "../ui/toastError";
import { ConversationRows } from "./ConversationRows";
import { leaveRow } from "./leaveRow";
import { Section } from "./Section";
import { useConfirmation } from "./useConfirmation";

export function TrashSection(): ReactNode {
  const t = useT();
  const { data, error, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery(trashQuery);
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section title={t("settings.trash")} lead={t("settings.trash.lead")}>
      {error && !data && <LoadFailed text={t("settings.failed")} onRetry={() => void refetch()} />}
      {data && items.length === 0 && <p className="field-hint">{t("settings.trash.empty")}</p>}
      <ConversationRows
        items={items}
        row={(conversation) => <TrashRow key={conversation.id} conversation={conversation} />}
        onMore={hasNextPage ? () => void fetchNextPage() : null}
      />
      {items.length > 0 && <EmptyTrash />}
      <Retention />
    </Section>
  );
}

function EmptyTrash(): ReactNode {
  const t = useT();
  const queries = useQueryClient();
  const button = useRef<HTMLButtonElement>(null);
  const [confirming, setConfirming] = useConfirmation(button);
  const deletion = useMutation({
    mutationFn: () => deleteAll(queries, { trashed: true }),
    onSuccess: () => document.getElementById("main")?.focus({ preventScroll: true }),
    onError: (error: unknown) => toastError(error, t),
  });
  return (
    <div>
      <button
        ref={button}
        type="button"
        className="button danger"
        aria-disabled={deletion.isPending}
        onBlur={() => setConfirming(false)}
        onClick={() => (confirming ? !deletion.isPending && deletion.mutate() : setConfirming(true))}
      >
        {t(confirming ? "settings.trash.confirm" : "settings.trash.emptyIt")}
      </button>
    </div>
  );
}

const DAYS = [30, 90, 180, 365];

/** After how many days without use a conversation goes to the trash. */
function Retention(): ReactNode {
  const t = useT();
  const save = useSaveSettings();
  const { retentionDays } = preferencesOf(useUser());
  const days = retentionDays === null || DAYS.includes(retentionDays) ? DAYS : [...DAYS, retentionDays].sort((a, b) => a - b);
  return (
    <Select
      label={t("settings.retention")}
      value={String(retentionDays ?? "")}
      options={[["", t("settings.retention.never")] as const, ...days.map((count) => [String(count), t("settings.retention.days", { count })] as const)]}
      onChange={(wanted) => save.mutate({ retentionDays: Number(wanted) || null })}
    />
  );
}

function TrashRow({ conversation }: { conversation: Conversation }): ReactNode {
  const t = useT();
  const queries = useQueryClient();
  const row = useRef<HTMLLIElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [confirming, setConfirming] = useConfirmation(button);
  const options = {
    onSuccess: () => leaveRow(row.current),
    onError: (error: unknown) => toastError(error, t),
  };
  const restore = useMutation({ mutationFn: () => restoreConversation(queries, conversation.id), ...options });
  const deletion = useMutation({ mutationFn: () => deletePermanently(queries, conversation.id), ...options });
  return (
    <li ref={row}>
      <span dir="auto">{conversation.title || t("nav.untitled")}</span>
      <button type="button" className="button small" onClick={() => restore.mutate()}>
        {t("thread.restore")}
      </button>
      <button
        ref={button}
        type="button"
        className="button small danger"
        onBlur={() => setConfirming(false)}
        onClick={() => (confirming ? deletion.mutate() : setConfirming(true))}
      >
        {t(confirming ? "settings.trash.confirm" : "settings.trash.delete")}
      </button>
    </li>
  );
}

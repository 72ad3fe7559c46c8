import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { deletePermanently, restoreConversation } from "../api/conversations";
import { trashQuery } from "../api/queries";
import type { Conversation } from "../api/types";
import { useT } from "../i18n";
import { LoadFailed } from "../ui/LoadFailed";
import { toastError } from "../ui/toastError";
import { ConversationRows } from "./ConversationRows";
import { leaveRow } from "./leaveRow";
import { Section } from "./Section";

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
    </Section>
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

const CONFIRMATION_TIME = 5000; // ms after which the button asks again

/** Whether the next click deletes. Ends when the button loses the focus, or, in Safari, which gives it none, by a click elsewhere. */
function useConfirmation(button: { current: HTMLElement | null }) {
  const [confirming, setConfirming] = useState(false);
  useEffect(() => {
    if (!confirming) return;
    const clicked = (event: PointerEvent): void => {
      if (!button.current?.contains(event.target as Node)) setConfirming(false);
    };
    const timer = setTimeout(() => setConfirming(false), CONFIRMATION_TIME);
    addEventListener("pointerdown", clicked, true);
    return () => {
      clearTimeout(timer);
      removeEventListener("pointerdown", clicked, true);
    };
  }, [confirming, button]);
  return [confirming, setConfirming] as const;
}

import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { api, unwrap } from "../api/client";
import { keys, putConversation, trashQuery } from "../api/queries";
import type { Conversation } from "../api/types";
import { useT } from "../i18n";
import { errorText } from "../ui/errorText";
import { toast } from "../ui/toast";
import { ARCHIVE } from "./ArchiveSection";
import { ConversationShelf } from "./ConversationShelf";
import { leaveRow } from "./leaveRow";
import { Section } from "./Section";

export function TrashSection(): ReactNode {
  const t = useT();
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery(trashQuery);
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section title={t("settings.trash")} lead={t("settings.trash.lead")}>
      {error && !data && <p>{t("settings.failed")}</p>}
      {data && items.length === 0 && <p className="field-hint">{t("settings.trash.empty")}</p>}
      <ConversationShelf
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
  const [sure, ask] = useSureness(button);
  const path = { conversationId: conversation.id };
  const settled = {
    onSettled: () => queries.invalidateQueries({ queryKey: keys.trash }),
    onError: (error: unknown) => toast(errorText(error, t)),
  };
  const restore = useMutation({
    mutationFn: () => unwrap(api.POST("/api/conversations/{conversationId}/restore", { params: { path } })),
    onSuccess: (saved) => {
      leaveRow(row.current);
      putConversation(queries, saved);
      void queries.invalidateQueries({ queryKey: ARCHIVE });
    },
    ...settled,
  });
  const forever = useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/conversations/{conversationId}", { params: { path, query: { permanent: true } } })),
    onSuccess: () => leaveRow(row.current),
    ...settled,
  });
  return (
    <li ref={row}>
      <span dir="auto">{conversation.title || t("nav.untitled")}</span>
      <button type="button" className="button small" onClick={() => restore.mutate()}>
        {t("thread.restore")}
      </button>
      <button ref={button} type="button" className="button small danger" onBlur={() => ask(false)} onClick={() => (sure ? forever.mutate() : ask(true))}>
        {t(sure ? "settings.trash.sure" : "settings.trash.forever")}
      </button>
    </li>
  );
}

const HESITATION = 5000; // ms after which somebody who was asked is asked again

/** Whether the next click is the one that counts. Leaving the button ends that; in Safari, a clicked one has no focus to lose. */
function useSureness(button: { current: HTMLElement | null }) {
  const [sure, ask] = useState(false);
  useEffect(() => {
    if (!sure) return;
    const elsewhere = (event: PointerEvent): void => {
      if (!button.current?.contains(event.target as Node)) ask(false);
    };
    const timer = setTimeout(() => ask(false), HESITATION);
    addEventListener("pointerdown", elsewhere, true);
    return () => {
      clearTimeout(timer);
      removeEventListener("pointerdown", elsewhere, true);
    };
  }, [sure, button]);
  return [sure, ask] as const;
}

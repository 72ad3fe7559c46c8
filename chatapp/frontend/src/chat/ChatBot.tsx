import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { useStore } from "../app/store";
import { useTitle } from "../app/useTitle";
import { conversationQuery, messagesQuery } from "../api/queries";
import { useT } from "../i18n";
import { Announcer } from "./Announcer";
import { useProgress } from "./answers";
import { ChatHeader } from "./ChatHeader";
import { Composer, type ComposerHandle } from "./Composer";
import { joined, NEW_CHAT, readDraft, writeDraft } from "./drafts";
import { Greeting } from "./Greeting";
import { useServices } from "./services";
import { ThreadNotice } from "./ThreadNotice";
import { TrashedNotice } from "./TrashedNotice";
import { useSession } from "./useSession";

// The thread brings the Markdown reader. A new chat is painted before it is fetched.
const fetchThread = () => import("./Thread");
const Thread = lazy(fetchThread);
const fetchAhead = (): void => void fetchThread().catch(() => undefined); // asked for again when it is needed
if (location.pathname.startsWith("/c/")) fetchAhead();

/**
 * One chat: it holds the conversation's id and the session's, loads the history when it opens, and
 * sends and receives through the typed client. `conversationId` is null until the first message.
 */
export function ChatBot({ conversationId }: { conversationId: string | null }): ReactNode {
  const t = useT();
  const { user } = useServices();
  const composer = useRef<ComposerHandle>(null);
  const conversation = useQuery({ ...conversationQuery(conversationId ?? ""), enabled: conversationId !== null });
  const history = useHistory(conversationId);
  const unsent = useUnsent(conversationId);
  useSession(conversationId);
  useNewConversation(conversationId);
  useTitle(conversation.data?.title ?? "");
  useEffect(() => void setTimeout(fetchAhead, 200), []); // once the page is painted

  const error = conversation.error ?? history.error;
  if (error && !history.data) {
    const again = (): void => [conversation, history].forEach((query) => query.isError && void query.refetch());
    return <ThreadNotice error={error} onRetry={again} />;
  }

  const fill = (text: string): void => {
    if (composer.current) return composer.current.fill(text);
    const place = conversationId ?? NEW_CHAT; // without a field (in the trash), the text waits for its return
    writeDraft(user.id, place, joined(readDraft(user.id, place), text));
  };
  const empty = conversationId === null && unsent.length === 0;
  return (
    <div className={empty ? "chat empty" : "chat"}>
      {!empty && <ChatHeader title={conversation.data?.title || (conversation.data ? t("nav.untitled") : "")} />}
      {empty ? (
        <Greeting onIdea={fill} />
      ) : (
        <Suspense fallback={<div className="thread" />}>
          <Thread conversationId={conversationId ?? NEW_CHAT} history={history.data} unsent={unsent} onEdit={fill} />
        </Suspense>
      )}
      {conversation.data?.trashedAt ? (
        <TrashedNotice conversation={conversation.data} />
      ) : (
        <Composer ref={composer} conversationId={conversationId} conversation={conversation.data} blocked={unsent.some((one) => one.state !== "failed")} />
      )}
      <Announcer conversationId={conversationId} />
    </div>
  );
}

/** The messages, and with them the answer that the server is still writing. */
function useHistory(conversationId: string | null) {
  const { turns } = useServices();
  const history = useQuery({ ...messagesQuery(conversationId ?? ""), enabled: conversationId !== null });
  const running = useProgress(turns.answers, conversationId) !== "none";
  const last = history.data?.items.at(-1);
  useEffect(() => {
    if (last?.status === "streaming" && !running) turns.follow(last);
  }, [last, running, turns]);
  const items = history.data?.items;
  useEffect(() => {
    if (items) turns.outbox.acknowledge(items.map((message) => message.id));
  }, [items, turns]);
  return history;
}

function useUnsent(conversationId: string | null) {
  const { turns } = useServices();
  return useStore(turns.outbox.store).filter((unsent) => unsent.conversationId === (conversationId ?? NEW_CHAT));
}

/** Leads to the conversation that a new chat becomes at its first message. */
function useNewConversation(conversationId: string | null): void {
  const { turns } = useServices();
  const navigate = useNavigate();
  useEffect(() => {
    if (conversationId !== null) return;
    return turns.started.subscribe(() => void navigate(`/c/${turns.started.get()}`, { replace: true }));
  }, [conversationId, turns, navigate]);
}

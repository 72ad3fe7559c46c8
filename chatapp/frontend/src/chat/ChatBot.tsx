import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { pagePath } from "../api/config";
import { isGone } from "../api/errors";
import { conversationQuery, messagesQuery } from "../api/queries";
import { useUser } from "../auth/user";
import { useT } from "../i18n";
import { useStore } from "../lib/store";
import { ErrorBoundary } from "../ui/ErrorBoundary";
import { Part } from "../ui/Part";
import { forgetInSight } from "../ui/undo";
import { useTitle } from "../ui/useTitle";
import { Announcer } from "./Announcer";
import { useProgress } from "./answers";
import { ChatHeader } from "./ChatHeader";
import { ChatSettingsButton } from "./ChatSettingsButton";
import { Composer, type ComposerHandle } from "./Composer";
import { joined, NEW_CHAT, readDraft, writeDraft } from "./drafts";
import { openEdit } from "./editing";
import { Greeting } from "./Greeting";
import { PlaceNotice } from "./PlaceNotice";
import { isReadOnly, ReadOnly } from "./readOnly";
import { TemporaryNotice } from "./TemporaryNotice";
import type { ThreadHandle } from "./Thread";
import { ThreadNotice } from "./ThreadNotice";
import { useTurns } from "./turns";
import { useLinked } from "./useLinked";
import { useReading } from "./useReading";
import { useSession } from "./useSession";
import { useTools } from "./useTools";

// The thread brings the Markdown parser. A new chat is painted before it is fetched.
const fetchThread = () => import("./Thread");
const Thread = lazy(fetchThread);
const fetchAhead = (): void => void fetchThread().catch(() => undefined); // fetched again when it is needed
if (pagePath().startsWith("/c/")) fetchAhead();

/**
 * One chat: its messages, those on their way, and the composer. `conversationId` is null until the first message has
 * started a conversation.
 */
export function ChatBot({ conversationId }: { conversationId: string | null }): ReactNode {
  const t = useT();
  const user = useUser();
  const composer = useRef<ComposerHandle>(null);
  const thread = useRef<ThreadHandle>(null);
  const conversation = useQuery({ ...conversationQuery(conversationId ?? ""), enabled: conversationId !== null });
  const history = useHistory(conversationId);
  const readOnly = isReadOnly(conversation.data);
  const { shown, linked } = useLinked(conversationId, history.data, readOnly);
  useReading(conversation.data, history.data?.items.at(-1));
  const unsent = useUnsent(conversationId);
  useSession(conversation.isError ? null : conversationId);
  useNewConversation(conversationId);
  const [temporary, setTemporary] = useState(false);
  const title = conversation.data?.title ?? "";
  const error = history.data ? null : (conversation.error ?? history.error);
  const tools = useTools(error ? null : conversationId, thread, conversation.data);
  useTitle(isGone(error) ? t("thread.notFound.title") : title);
  useEffect(() => void setTimeout(fetchAhead, 200), []); // once the page is painted
  useEffect(() => forgetInSight, [conversationId]);

  if (error) {
    const retry = (): void => [conversation, history].forEach((query) => query.isError && void query.refetch());
    return <ThreadNotice error={error} onRetry={retry} />;
  }

  const fill = (text: string): void => {
    if (composer.current) return composer.current.fill(text);
    const id = conversationId ?? NEW_CHAT; // in the trash there is no composer: the text waits for it in the draft
    writeDraft(user.id, id, joined(readDraft(user.id, id), text));
  };
  const editLast = (): void => {
    const last = history.data?.items.findLast(({ role }) => role === "user");
    if (!last || unsent.length > 0) return;
    thread.current?.show(last.id);
    openEdit(user.id, last.id, last.content);
  };
  const empty = conversationId === null && unsent.length === 0;
  return (
    <div className={empty ? "chat empty" : "chat"}>
      {!empty && <ChatHeader title={title || (conversation.data ? t("nav.untitled") : "")}>{tools.menu}{conversation.data && !conversation.data.trashedAt && <ChatSettingsButton conversation={conversation.data} />}</ChatHeader>}
      {tools.open}
      {empty ? (
        <Greeting temporary={temporary} onSuggestion={fill} />
      ) : (
        <Suspense fallback={<div className="thread" />}>
          <Part main>
            <ReadOnly value={readOnly}>
              <Thread ref={thread} conversationId={conversationId ?? NEW_CHAT} history={shown} linked={linked} stoppedAt={conversation.data && (conversation.data.unread && !conversation.data.generation ? conversation.data.readMessageId : null)} unsent={unsent} onEdit={fill} />
            </ReadOnly>
          </Part>
        </Suspense>
      )}
      {conversation.data && (conversation.data.trashedAt || conversation.data.archived) && <PlaceNotice conversation={conversation.data} />}
      {conversation.data?.temporary && <TemporaryNotice id={conversation.data.id} />}
      {!conversation.data?.trashedAt && (
        <Part>
          <Composer ref={composer} conversationId={conversationId} conversation={conversation.data} temporary={temporary} onTemporary={setTemporary} goOn={linked?.stretch ? linked.goOn : null} onEditLast={editLast} />
        </Part>
      )}
      <ErrorBoundary fallback={null}>
        <Announcer conversationId={conversationId} />
      </ErrorBoundary>
    </div>
  );
}

/** The messages. An answer that the server is still writing is followed. */
function useHistory(conversationId: string | null) {
  const { state, following } = useTurns();
  const history = useQuery({ ...messagesQuery(conversationId ?? ""), enabled: conversationId !== null });
  const running = useProgress(state.answers, conversationId) !== "none";
  const last = history.data?.items.at(-1);
  useEffect(() => {
    if (last?.status === "streaming" && !running) following.follow(last);
  }, [last, running, following]);
  const items = history.data?.items;
  useEffect(() => {
    if (items) state.outbox.acknowledge(items.map((message) => message.id));
  }, [items, state]);
  return history;
}

function useUnsent(conversationId: string | null) {
  const { outbox } = useTurns().state;
  return useStore(outbox.store).filter((unsent) => unsent.conversationId === (conversationId ?? NEW_CHAT));
}

/** Opens the conversation that a new chat becomes with its first message. */
function useNewConversation(conversationId: string | null): void {
  const { started } = useTurns().delivery.newChats;
  const navigate = useNavigate();
  useEffect(() => {
    if (conversationId !== null) return;
    return started.subscribe(() => void navigate(`/c/${started.get()}`, { replace: true }));
  }, [conversationId, started, navigate]);
}

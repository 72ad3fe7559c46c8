import "./styles/index.css";
import { startTransition, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { config } from "./app/config";
import { queryClient } from "./app/queryClient";
import { conversationQuery, conversationsQuery, meQuery, messagesQuery } from "./api/queries";
import { firstTexts } from "./i18n";

/** What a person who is signed in will need, asked for while the programs are still on their way. */
function fetchAhead(): void {
  void import("./app/SignedIn");
  void import("./chat/ChatPage");
  void queryClient.prefetchQuery(meQuery);
  void queryClient.prefetchInfiniteQuery(conversationsQuery);
  const conversationId = /^\/c\/([^/]+)$/.exec(location.pathname)?.[1];
  if (!conversationId) return;
  void queryClient.prefetchQuery(conversationQuery(conversationId));
  void queryClient.prefetchQuery(messagesQuery(conversationId));
}

async function begin(): Promise<void> {
  if (config.user !== null) fetchAhead();
  const i18n = await firstTexts();
  const root = createRoot(document.getElementById("root")!);
  // Drawn in small pieces, between which the browser can do what a person asks for.
  startTransition(() =>
    root.render(
      <StrictMode>
        <App i18n={i18n} />
      </StrictMode>,
    ),
  );
}

void begin();

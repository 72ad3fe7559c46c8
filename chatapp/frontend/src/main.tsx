import "./styles/index.css";
import { startTransition, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { config, pagePath } from "./api/config";
import { conversationQuery, conversationsQuery, meQuery, messagesQuery } from "./api/queries";
import { queryClient } from "./api/queryClient";
import { App } from "./app/App";
import { reloadWhereChunksAreGone } from "./app/goneChunks";
import { loadTexts } from "./i18n";
import { openStorage } from "./lib/storage";

/** Fetches what the page of a signed-in person needs while the scripts are still loading. */
function fetchAhead(): void {
  void import("./app/SignedIn");
  void import("./chat/ChatPage");
  void queryClient.prefetchQuery(meQuery);
  void queryClient.prefetchInfiniteQuery(conversationsQuery);
  const conversationId = /^\/c\/([^/]+)(?:\/m\/[^/]+)?$/.exec(pagePath())?.[1];
  if (!conversationId) return;
  void queryClient.prefetchQuery(conversationQuery(conversationId));
  void queryClient.prefetchQuery(messagesQuery(conversationId));
}

async function start(): Promise<void> {
  if (location.pathname === config.basePath) history.replaceState(null, "", `${config.basePath}/`); // as the router has it
  if (config.user !== null) fetchAhead();
  const [texts] = await Promise.all([loadTexts(), openStorage()]);
  const root = createRoot(document.getElementById("root")!);
  // A transition renders in small steps, between which the browser can respond to the person.
  startTransition(() =>
    root.render(
      <StrictMode>
        <App texts={texts} />
      </StrictMode>,
    ),
  );
}

reloadWhereChunksAreGone();
void start();

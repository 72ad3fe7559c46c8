import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Hit, SearchOrder } from "../api/types";
import { MessageTime } from "../chat/MessageTime";
import { useT } from "../i18n";
import { Marked } from "./Marked";
import { hitPath } from "./terms";

/** Hits under the titles of their conversations. */
export function HitList({ hits, q, sort }: { hits: readonly Hit[]; q: string; sort: SearchOrder }): ReactNode {
  const t = useT();
  return byConversation(hits).map((group) => {
    const [{ conversationId, title }] = group;
    const found = group.find((hit) => hit.messageId === null);
    const messages = group.filter((hit) => hit.messageId !== null);
    return (
      <section key={`${conversationId} ${group[0].messageId}`} className="search-group">
        <h2>
          <Link className="search-stop" to={`/c/${conversationId}`} dir="auto">
            {found ? <Marked text={found.snippet} places={found.highlights} /> : title || t("nav.untitled")}
          </Link>
        </h2>
        {messages.length > 0 && (
          <ul className="search-list">
            {messages.map((hit) => (
              <Found key={hit.messageId} hit={hit} to={hitPath(hit, q, sort)} />
            ))}
          </ul>
        )}
      </section>
    );
  });
}

function Found({ hit: { role, createdAt, snippet, highlights }, to }: { hit: Hit; to: string }): ReactNode {
  const t = useT();
  return (
    <li>
      <Link className="search-stop" to={to}>
        <span className="search-where">
          <span>{t(role === "user" ? "thread.you" : "thread.assistant")}</span>
          <MessageTime iso={createdAt} />
        </span>
        <span className="search-snippet" dir="auto">
          <Marked text={snippet} places={highlights} />
        </span>
      </Link>
    </li>
  );
}

type Group = [Hit, ...Hit[]];

/** Neighbours of one conversation, together. */
function byConversation(hits: readonly Hit[]): Group[] {
  const groups: Group[] = [];
  for (const hit of hits) {
    const last = groups.at(-1);
    if (last?.[0].conversationId === hit.conversationId) last.push(hit);
    else groups.push([hit]);
  }
  return groups;
}

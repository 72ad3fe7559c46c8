import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { starredQuery } from "../api/queries";
import type { Star } from "../api/types";
import { useT } from "../i18n";
import { LoadFailed } from "../ui/LoadFailed";
import { useTitle } from "../ui/useTitle";
import { linkTo } from "./MessageMenu";
import { MessageTime } from "./MessageTime";
import { words } from "./words";
import "../styles/search.css";

/** All messages with a star, those starred last first. */
export default function StarredPage(): ReactNode {
  const t = useT();
  useTitle(t("starred.title"));
  const { data, error, hasNextPage, isFetchNextPageError, fetchNextPage, refetch } = useInfiniteQuery(starredQuery);
  const stars = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="search-page">
      <div className="search-column">
        <h1>{t("starred.title")}</h1>
        {error && !data && <LoadFailed text={t("starred.failed")} onRetry={() => void refetch()} />}
        {data && stars.length === 0 && <p className="search-note">{t("starred.empty")}</p>}
        <ul className="search-list">
          {stars.map((star) => (
            <StarRow key={star.messageId} star={star} />
          ))}
        </ul>
        {isFetchNextPageError ? (
          <LoadFailed text={t("starred.failed")} onRetry={() => void fetchNextPage()} />
        ) : (
          hasNextPage && (
            <button type="button" className="button" onClick={() => void fetchNextPage()}>
              {t("settings.more")}
            </button>
          )
        )}
      </div>
    </div>
  );
}

function StarRow({ star: { conversationId, messageId, title, role, excerpt, createdAt } }: { star: Star }): ReactNode {
  const t = useT();
  return (
    <li>
      <Link to={linkTo(conversationId, messageId)}>
        <span className="search-where">
          <span dir="auto">{title || t("nav.untitled")}</span>
          <MessageTime iso={createdAt} />
        </span>
        <span className="search-snippet" dir="auto">
          <span className="visually-hidden">{t(role === "user" ? "thread.you" : "thread.assistant")} </span>
          {words(excerpt, 200)}
        </span>
      </Link>
    </li>
  );
}

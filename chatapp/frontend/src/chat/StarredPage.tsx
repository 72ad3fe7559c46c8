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
import "../styles/starred.css";

/** All messages with a star, those starred last first. */
export default function StarredPage(): ReactNode {
  const t = useT();
  useTitle(t("starred.title"));
  const { data, error, hasNextPage, isFetchNextPageError, fetchNextPage, refetch } = useInfiniteQuery(starredQuery);
  const stars = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="starred">
      <div className="starred-column">
        <h1>{t("starred.title")}</h1>
        {error && !data && <LoadFailed text={t("starred.failed")} onRetry={() => void refetch()} />}
        {data && stars.length === 0 && <p className="starred-empty">{t("starred.empty")}</p>}
        <ul>
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
        <span className="starred-where">
          <span dir="auto">{title || t("nav.untitled")}</span>
          <MessageTime iso={createdAt} />
        </span>
        <span className="starred-text" dir="auto">
          <span className="visually-hidden">{t(role === "user" ? "thread.you" : "thread.assistant")} </span>
          {excerpt}
        </span>
      </Link>
    </li>
  );
}

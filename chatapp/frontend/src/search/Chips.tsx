import { X } from "lucide-react";
import type { ReactNode } from "react";
import type { SearchOrder } from "../api/types";
import { useT, type Key } from "../i18n";
import { filtersIn, toggled } from "./terms";

const DAY = 86_400_000; // ms
const since = (days: number): string => `after:${new Date(Date.now() - days * DAY).toISOString().slice(0, 10)}`;

const offered = (): [string, Key][] => [
  ["role:user", "search.own"],
  ["role:assistant", "search.answers"],
  ["in:title", "search.titles"],
  ["is:starred", "search.starred"],
  ["has:code", "search.code"],
  [since(7), "search.week"],
  [since(30), "search.month"],
  ["in:trash", "search.trash"],
];

const ORDERS: readonly (readonly [SearchOrder, Key])[] = [
  ["newest", "search.newest"],
  ["best", "search.best"],
];

interface ChipsProps {
  q: string;
  onChange(q: string): void;
  sort: SearchOrder;
  onSort(sort: SearchOrder): void;
}

/** The filters of a query, to switch on and off; those that were typed can be removed. And what comes first. */
export function Chips({ q, onChange, sort, onSort }: ChipsProps): ReactNode {
  const t = useT();
  const active = [...new Set(filtersIn(q))];
  const known = offered();
  const typed = active.filter((filter) => !known.some(([offer]) => offer === filter));
  return (
    <div className="search-chips">
      <div role="group" aria-label={t("search.filters")}>
        {typed.map((filter) => (
          <button key={filter} type="button" className="search-chip" aria-pressed="true" aria-label={t("search.without", { filter })} onClick={() => onChange(toggled(q, filter))}>
            <span dir="auto">{filter}</span> <X size={14} aria-hidden />
          </button>
        ))}
        {known.map(([filter, name]) => (
          <button key={filter} type="button" className="search-chip" title={filter} aria-pressed={active.includes(filter)} onClick={() => onChange(toggled(q, filter))}>
            {t(name)}
          </button>
        ))}
      </div>
      <div role="group" aria-label={t("search.order")}>
        {ORDERS.map(([order, name]) => (
          <button key={order} type="button" className="search-chip" aria-pressed={order === sort} onClick={() => onSort(order)}>
            {t(name)}
          </button>
        ))}
      </div>
    </div>
  );
}

import { useQuery } from "@tanstack/react-query";
import { diffWordsWithSpace } from "diff";
import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import { useMemo, useState, type ReactNode } from "react";
import { versionsQuery } from "../api/tree";
import type { Message } from "../api/types";
import { useI18n } from "../i18n";
import { errorText } from "../ui/errorText";
import { SelectBox } from "../ui/Select";
import { useReadOnly } from "./readOnly";
import { useChooseBranch } from "./useBranches";
import "../styles/map.css";

interface CompareProps {
  message: Message;
  ids: readonly string[];
  onClose(): void;
}

const PATIENCE = 1000; // ms to look for what differs: two long texts with little in common take for ever

/** Two versions of a message side by side, with the words that differ marked. One can be kept: it is shown from then on. */
export default function Compare({ message, ids, onClose }: CompareProps): ReactNode {
  const { t } = useI18n();
  const at = ids.indexOf(message.id);
  const [pair, setPair] = useState<readonly [number, number]>(at > 0 ? [at - 1, at] : [0, 1]);
  const { data, error } = useQuery(versionsQuery(message.conversationId, pair.map((one) => ids[one]!)));
  const choose = useChooseBranch(message.conversationId);
  const readOnly = useReadOnly();
  const changes = useMemo(() => data && (diffWordsWithSpace(data[0]!.content, data[1]!.content, { timeout: PATIENCE }) ?? null), [data]);
  const keep = (id: string): void => {
    onClose();
    if (id !== message.id) void choose(id);
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog map compare" aria-describedby={undefined}>
          <header>
            <Dialog.Title>{t("compare.title")}</Dialog.Title>
            <span className="map-count" role="status">{changes === null ? t("compare.tooDifferent") : changes?.every(({ added, removed }) => !added && !removed) && t("compare.same")}</span>
            <Dialog.Close className="icon-button small" aria-label={t("app.close")}>
              <X size={17} aria-hidden />
            </Dialog.Close>
          </header>
          {data ? (
            <div className="compare-sides">
              {([0, 1] as const).map((side) => (
                <section key={side} className="compare-side" aria-label={t("compare.version", { at: pair[side] + 1 })}>
                  <header>
                    <Version ids={ids} value={pair[side]} other={pair[1 - side]!} onChange={(to) => setPair(side === 0 ? [to, pair[1]] : [pair[0], to])} />
                    <span dir="auto">{data[side]!.model}</span>
                  </header>
                  <div className="compare-text" tabIndex={0} role="group" aria-label={t("compare.version", { at: pair[side] + 1 })}>
                    <p className="plain" dir="auto">
                      {changes
                        ? changes.map(({ value, added, removed }, index) =>
                            side === 0 && removed ? <del key={index}>{value}</del> : side === 1 && added ? <ins key={index}>{value}</ins> : !added && !removed && value,
                          )
                        : data[side]!.content}
                    </p>
                  </div>
                  {!readOnly && (
                    <footer>
                      <button type="button" className="button small" onClick={() => keep(data[side]!.id)}>
                        {t("compare.keep")}
                      </button>
                    </footer>
                  )}
                </section>
              ))}
            </div>
          ) : (
            <p role="status">{error ? errorText(error, t) : t("app.loading")}</p>
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface VersionProps {
  ids: readonly string[];
  value: number;
  /** The version on the other side. */
  other: number;
  onChange(at: number): void;
}

function Version({ ids, value, other, onChange }: VersionProps): ReactNode {
  const { t } = useI18n();
  if (ids.length === 2) return <span>{t("compare.version", { at: value + 1 })}</span>;
  return (
    <SelectBox aria-label={t("compare.choose")} value={value} onChange={(event) => onChange(Number(event.target.value))}>
      {ids.map((id, at) => (
        <option key={id} value={at} disabled={at === other}>
          {t("compare.version", { at: at + 1 })}
        </option>
      ))}
    </SelectBox>
  );
}

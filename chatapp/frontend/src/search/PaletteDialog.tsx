import { Search } from "lucide-react";
import { Dialog } from "radix-ui";
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useT, type Key } from "../i18n";
import { isComposing } from "../ui/composing";
import { errorText } from "../ui/errorText";
import { useFocusBack } from "../ui/useFocusBack";
import { MOST_TYPED } from "./terms";
import type { ShellActions } from "./useCommands";
import { useEntries, type Entry } from "./useEntries";
import "../styles/search.css";

interface PaletteProps {
  open: boolean;
  onOpenChange(open: boolean): void;
  actions: ShellActions;
}

/** One field for every action, setting, conversation and message. */
export default function PaletteDialog({ open, onOpenChange, actions }: PaletteProps): ReactNode {
  const t = useT();
  const focusBack = useFocusBack();
  const chosen = useRef<Entry | null>(null); // it runs once the dialog is gone, and has the focus to itself
  const choose = (entry: Entry): void => {
    chosen.current = entry;
    onOpenChange(false);
  };
  const closed = (event: Event): void => {
    focusBack.onCloseAutoFocus(event);
    chosen.current?.run();
    chosen.current = null;
  };
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog palette" {...focusBack} onCloseAutoFocus={closed} aria-describedby={undefined}>
          <Dialog.Title className="visually-hidden">{t("search.palette")}</Dialog.Title>
          <Choice actions={actions} onChoose={choose} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Choice({ actions, onChoose }: { actions: ShellActions; onChoose(entry: Entry): void }): ReactNode {
  const t = useT();
  const list = useId();
  const [text, setText] = useState("");
  const { entries, note, error } = useEntries(text, actions);
  const [active, setActive] = useState("");
  const at = Math.max(0, entries.findIndex(({ id }) => id === active));
  useEffect(() => setActive(""), [text]); // the first one that fits
  useEffect(() => document.getElementById(`${list}${at}`)?.scrollIntoView({ block: "nearest" }), [list, at]);

  const press = (event: KeyboardEvent): void => {
    if (isComposing(event.nativeEvent)) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) setActive(entries[(at + by + entries.length) % entries.length]?.id ?? "");
    else if (event.key === "Enter" && entries[at]) onChoose(entries[at]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <div className="search-field">
        <Search size={18} aria-hidden />
        <input
          role="combobox"
          aria-expanded={entries.length > 0}
          aria-controls={list}
          aria-activedescendant={entries.length > 0 ? `${list}${at}` : undefined}
          aria-autocomplete="list"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={MOST_TYPED}
          dir="auto"
          value={text}
          aria-label={t("search.palette")}
          placeholder={t("shortcuts.search")}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={press}
        />
        <kbd className="wide-only" aria-hidden>
          Esc
        </kbd>
      </div>
      <div className="palette-list" id={list} role="listbox" aria-label={t("search.palette")}>
        {entries.map((entry, row) => (
          <Row key={entry.id} entry={entry} id={`${list}${row}`} heading={entry.group === entries[row - 1]?.group ? null : entry.group} active={row === at} onPoint={() => setActive(entry.id)} onChoose={() => onChoose(entry)} />
        ))}
      </div>
      <p className="palette-note" role="status">
        {error ? errorText(error, t) : note}
      </p>
    </>
  );
}

interface RowProps {
  entry: Entry;
  id: string;
  /** Stands above the first of its kind. */
  heading: Key | null;
  active: boolean;
  onPoint(): void;
  onChoose(): void;
}

function Row({ entry: { icon: Icon, label, note }, id, heading, active, onPoint, onChoose }: RowProps): ReactNode {
  const t = useT();
  return (
    <>
      {heading && (
        <div className="palette-heading" role="presentation">
          {t(heading)}
        </div>
      )}
      <div className="palette-row" role="option" id={id} aria-selected={active} onPointerMove={onPoint} onClick={onChoose}>
        <Icon size={16} aria-hidden />
        <span className="palette-label" dir="auto">
          {label}
        </span>
        {note && (
          <span className="palette-where" dir="auto">
            {note}
          </span>
        )}
      </div>
    </>
  );
}

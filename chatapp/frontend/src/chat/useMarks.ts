import { useEffect } from "react";
import { rangesIn, rangesOfWords } from "./find";

const row = (id: string): HTMLElement | null => document.querySelector(`.thread-content [data-message-id="${CSS.escape(id)}"]`);

/** One string, as it stands in the text, or several words wherever they are. */
type Words = string | readonly string[];

const rangesOf = (shown: Element, words: Words): Range[] => (typeof words === "string" ? rangesIn(shown, words) : rangesOfWords(shown, words));

/**
 * Marks the words in the messages that are in the document, and scrolls to them in the message `here`. Where a browser
 * cannot mark words, or they are not shown as they were written, that message is outlined.
 */
export function useMarks(words: Words, here: string | null): void {
  useEffect(() => {
    const content = document.getElementById("main"); // the messages may still be on their way
    if (!content || words.length === 0) return;
    let due = 0;
    const observer = new MutationObserver(() => {
      cancelAnimationFrame(due);
      due = requestAnimationFrame(() => mark(content, words, here));
    });
    observer.observe(content, { childList: true, subtree: true, characterData: true });
    mark(content, words, here);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(due);
      unmark(content);
    };
  }, [words, here]);
  useEffect(() => {
    const left = new AbortController();
    if (here) void reveal(here, words, left.signal);
    return () => left.abort();
  }, [here]); // not on `words`: what is read stays where it is while they are typed
}

function mark(content: Element, words: Words, here: string | null): void {
  unmark(content);
  const others = [...content.querySelectorAll("[data-message-id]")].filter((element) => element.getAttribute("data-message-id") !== here);
  const shown = here && row(here);
  const ranges = shown ? rangesOf(shown, words) : [];
  if ("highlights" in CSS) {
    CSS.highlights.set("found", new Highlight(...others.flatMap((element) => rangesOf(element, words))));
    CSS.highlights.set("found-here", new Highlight(...ranges));
  }
  if (shown && !("highlights" in CSS && ranges.length > 0)) shown.dataset.found = "";
}

function unmark(content: Element): void {
  for (const outlined of content.querySelectorAll("[data-found]")) outlined.removeAttribute("data-found");
  if ("highlights" in CSS) for (const name of ["found", "found-here"]) CSS.highlights.delete(name);
}

const STILL = 5; // frames in which the words stay in view: rows above them are measured only when they are shown

/** Scrolls until the words are in view. The list brings the message itself there. */
async function reveal(id: string, words: Words, signal: AbortSignal): Promise<void> {
  for (let frames = 0, still = 0; frames < 120 && still < STILL && !signal.aborted; frames += 1) {
    await new Promise(requestAnimationFrame);
    const [shown, box] = [row(id), document.querySelector(".thread-scroller")];
    if (!shown || !box) continue;
    const { top } = (rangesOf(shown, words)[0] ?? shown).getBoundingClientRect();
    const { top: from, height } = box.getBoundingClientRect();
    const inView = top >= from && top < from + height * 0.85;
    still = inView ? still + 1 : 0;
    if (!inView) box.scrollTop += top - from - height / 3;
  }
}

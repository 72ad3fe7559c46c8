/** What is done with a conversation that was rendered as a whole: it is selected, printed, or saved as one file. */

const QUIET = 400; // ms without a change, after which the last formula is drawn: the worker takes 200 for a block at most

/** Resolves when nothing in the sheet changes any more and its images are there. */
export async function settled(sheet: HTMLElement): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      observer.disconnect();
      resolve();
    };
    let timer = setTimeout(done, QUIET);
    const observer = new MutationObserver(() => {
      clearTimeout(timer);
      timer = setTimeout(done, QUIET);
    });
    observer.observe(sheet, { childList: true, subtree: true, characterData: true });
  });
  const images = [...sheet.querySelectorAll("img")];
  await Promise.all(
    images.map((image) => {
      image.loading = "eager"; // one that is not on the screen would never be fetched
      return image.decode().catch(() => undefined);
    }),
  );
}

/** Gives the sheet the keyboard, and what is selected by it. Returns what gives them back. */
export function inPlaceOfThePage(sheet: HTMLElement): () => void {
  const page = document.getElementById("root")!;
  const before = document.activeElement;
  page.inert = true;
  sheet.focus();
  return () => {
    page.inert = false;
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  };
}

/** Prints what is in the sheet (whole.css hides the rest). Resolves when the dialog is closed. */
export function printed(): Promise<void> {
  const { dataset } = document.documentElement;
  return new Promise((resolve) => {
    const after = (): void => {
      delete dataset.whole;
      resolve();
    };
    addEventListener("afterprint", after, { once: true });
    dataset.whole = "";
    print();
  });
}

/** Saves the sheet as a file that needs nothing else, to be opened offline for ever. */
export async function saved(sheet: HTMLElement, title: string): Promise<void> {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([await asFile(sheet, title)], { type: "text/html" }));
  link.download = `${title.replace(/[^\p{L}\p{N} ._-]/gu, "").trim().slice(0, 80) || "conversation"}.html`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** No script and nothing from elsewhere: a browser that opens the file enforces it. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

export async function asFile(sheet: HTMLElement, title: string): Promise<string> {
  const copy = sheet.cloneNode(true) as HTMLElement;
  copy.classList.add("file");
  for (const tool of copy.querySelectorAll("button, .katex-html")) tool.remove(); // browsers draw the MathML beside it
  for (const part of copy.querySelectorAll("[tabindex]")) part.removeAttribute("tabindex");
  await Promise.all([...copy.querySelectorAll("img")].map(inline));
  const root = document.documentElement;
  const page = document.implementation.createHTMLDocument(title);
  page.documentElement.lang = root.lang;
  page.documentElement.dataset.theme = root.dataset.theme ?? "light";
  const policy = page.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = POLICY;
  const charset = page.createElement("meta");
  charset.setAttribute("charset", "utf-8");
  const viewport = page.createElement("meta");
  viewport.name = "viewport";
  viewport.content = "width=device-width, initial-scale=1";
  const style = page.createElement("style");
  style.textContent = styles();
  page.head.prepend(charset, viewport, policy);
  page.head.append(style);
  page.body.append(copy);
  return `<!doctype html>\n${page.documentElement.outerHTML}`;
}

/** The page's own rules, without those that would fetch something: the file is shown in the reader's fonts. */
function styles(): string {
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).map((rule) => rule.cssText);
  return rules.filter((rule) => !/url\(|^@import|^\.katex/.test(rule)).join("\n");
}

/** The image's bytes in place of its address; its name where it cannot be fetched. */
async function inline(image: HTMLImageElement): Promise<void> {
  try {
    const response = await fetch(image.src);
    if (!response.ok) throw new Error(response.statusText);
    const bytes = await response.blob();
    if (!bytes.type.startsWith("image/")) throw new Error(bytes.type); // an answer may name any address here, of private data too
    const reader = new FileReader();
    const read = new Promise((resolve) => (reader.onloadend = resolve));
    reader.readAsDataURL(bytes);
    await read;
    image.src = String(reader.result);
    image.removeAttribute("srcset");
  } catch {
    image.replaceWith(image.alt);
  }
}

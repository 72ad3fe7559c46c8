import { startTransition, useEffect, useMemo, useState, type ReactNode } from "react";

type Katex = typeof import("./katex");
let katex: Katex | null = null; // large, so it is fetched when the first formula appears

const LONGEST = 5000; // characters

/** A formula; its source until KaTeX is there, and where that cannot draw it. */
export function Formula({ children, displayed }: { children?: ReactNode; displayed?: boolean }): ReactNode {
  const [loaded, setLoaded] = useState(katex);
  const source = String(children);
  useEffect(() => {
    if (loaded) return;
    let shown = true;
    import("./katex").then(
      (module) => {
        katex = module;
        if (shown) startTransition(() => setLoaded(module));
      },
      () => undefined, // the next formula tries again
    );
    return () => {
      shown = false;
    };
  }, [loaded]);
  const html = useMemo(() => loaded && drawn(loaded, source, Boolean(displayed)), [loaded, source, displayed]);
  if (html === null) return <code dir="ltr">{source}</code>;
  return <span className={displayed ? "formula display" : "formula"} dir="ltr" dangerouslySetInnerHTML={{ __html: html }} />;
}

function drawn({ render }: Katex, source: string, display: boolean): string | null {
  if (source.length > LONGEST) return null;
  try {
    return render(source, display);
  } catch {
    return null;
  }
}

import mermaid from "mermaid";

export interface Picture {
  src: string;
  /** In CSS pixels; undefined where the diagram does not say. */
  width: number | undefined;
}

let drawn = 0;

/** Images and style sheets, also with a letter of their name escaped: they would be loaded while the picture is made. */
const LOADS = /url\s*\(|image-set|@import|<ima?ge?\b|\bimg\s*:|\\0{0,4}[4-7][\da-f]/i;

/**
 * A diagram as a picture: as an image, nothing in it runs, and nothing is loaded for it.
 * @throws Error where the text is no diagram, or would load something.
 */
export async function draw(code: string, dark: boolean): Promise<Picture> {
  if (LOADS.test(code)) throw new Error("The diagram would load something.");
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: "strict",
    suppressErrorRendering: true,
    maxTextSize: 20_000,
    maxEdges: 300,
    layout: "dagre", // the other one is 1.5 MB
    look: "classic", // the other one has shadows that shine in the dark
    htmlLabels: false,
    theme: dark ? "dark" : "default",
    fontFamily: "sans-serif",
  });
  const { svg } = await mermaid.render(`diagram-${(drawn += 1)}`, code);
  const width = /max-width: ([\d.]+)px/.exec(svg)?.[1];
  return { src: `data:image/svg+xml,${encodeURIComponent(svg)}`, width: width ? Math.ceil(Number(width)) : undefined };
}

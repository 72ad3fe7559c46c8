/** How Markdown elements are rendered. */
import { Image as ImageIcon } from "lucide-react";
import type { ComponentPropsWithoutRef as Props, ReactElement, ReactNode } from "react";
import type { Components } from "hast-util-to-jsx-runtime";
import { useT } from "../i18n";
import { CodeBlock } from "./CodeBlock";
import { Formula } from "./Formula";

/** Addresses without a scheme, and schemes that run nothing. */
const SAFE_ADDRESS = /^(?:(?:https?|mailto|ircs?|xmpp):|[^:/?#]*(?:[/?#]|$))/i;

export const components: Partial<Components> & { formula: typeof Formula } = {
  formula: Formula,
  a: Anchor,
  img: MarkdownImage,
  pre: CodeFence,
  table: Table,
  // The message itself is a heading of level 2, so its own headings start at level 3.
  h1: (props) => <Heading level={1} {...props} />,
  h2: (props) => <Heading level={2} {...props} />,
  h3: (props) => <Heading level={3} {...props} />,
  h4: (props) => <Heading level={4} {...props} />,
};

function Heading({ level, children, dir }: Props<"h1"> & { level: 1 | 2 | 3 | 4 }): ReactNode {
  const Tag = `h${level + 2}` as "h3" | "h4" | "h5" | "h6";
  return (
    <Tag data-level={level} dir={dir}>
      {children}
    </Tag>
  );
}

/** Links open in a new tab and do not tell where they were followed from. */
function Anchor({ href, children }: Props<"a">): ReactNode {
  if (!href || !SAFE_ADDRESS.test(href)) return <span>{children}</span>;
  if (href.startsWith("#")) return <a href={href}>{children}</a>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow" title={href}>
      {children}
    </a>
  );
}

/** Images of this server are shown. Any other is a link, because loading it would tell a stranger who reads this. */
function MarkdownImage({ src, alt }: Props<"img">): ReactNode {
  const t = useT();
  const name = alt || t("markdown.image");
  // Language models write URLs with placeholders ("http://localhost:PORT/"), which are invalid.
  const origin = typeof src === "string" && SAFE_ADDRESS.test(src) ? originOf(src) : null;
  if (!src || origin === null || typeof src !== "string") return <span title={src?.toString()}>{name}</span>;
  if (origin === location.origin) return <img src={src} alt={alt ?? ""} loading="lazy" />;
  return (
    <a className="image-link" href={src} target="_blank" rel="noopener noreferrer nofollow" title={src}>
      <ImageIcon size={15} aria-hidden /> {name}
    </a>
  );
}

function CodeFence({ children }: Props<"pre">): ReactNode {
  const code = children as ReactElement<{ className?: string; children?: ReactNode }> | undefined;
  const language = /language-(\S+)/.exec(code?.props?.className ?? "")?.[1] ?? "";
  const text = code?.props?.children;
  return <CodeBlock code={typeof text === "string" ? text.replace(/\n$/, "") : ""} language={language} />;
}

/** A wide table scrolls by itself instead of the page, also by keyboard. */
function Table({ children, dir }: Props<"table">): ReactNode {
  return (
    <div className="table-box" tabIndex={0} role="group">
      <table dir={dir}>{children}</table>
    </div>
  );
}

/** The origin of an address, or null where it is not one. */
function originOf(address: string): string | null {
  try {
    return new URL(address, location.href).origin;
  } catch {
    return null;
  }
}

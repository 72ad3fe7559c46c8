/** What the server wrote into the page: `<meta name="chatapp" content="{...}">`. */
import type { User } from "./types";

export interface PageConfig {
  /** Where the application is on its host, as in `/chat`; empty at the top. */
  basePath: string;
  /** The longest message, in characters (code points). */
  maxMessageChars: number;
  registrationOpen: boolean;
  /** Who is signed in; undefined where the server did not say and the page has to ask. */
  user?: User | null;
}

const DEFAULTS: PageConfig = { basePath: "", maxMessageChars: 100_000, registrationOpen: true };

function read(): PageConfig {
  const content = document.querySelector<HTMLMetaElement>('meta[name="chatapp"]')?.content;
  return content ? { ...DEFAULTS, ...(JSON.parse(content) as Partial<PageConfig>) } : DEFAULTS;
}

export const config = read();

/** The address of what is shown, without the path that the application is at. */
export const pagePath = (): string => location.pathname.slice(config.basePath.length);

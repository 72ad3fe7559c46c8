/** Parses tables, task lists, strikethrough and bare links. remark-gfm does too, but includes the code that writes them. */
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm as gfmSyntax } from "micromark-extension-gfm";
import type { Processor } from "unified";

interface ReaderData {
  micromarkExtensions?: unknown[];
  fromMarkdownExtensions?: unknown[];
}

export function gfm(this: Processor): undefined {
  const data = this.data() as ReaderData;
  (data.micromarkExtensions ??= []).push(gfmSyntax({ singleTilde: false }));
  (data.fromMarkdownExtensions ??= []).push(gfmFromMarkdown());
}

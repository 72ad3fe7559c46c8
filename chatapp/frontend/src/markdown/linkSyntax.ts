/** A bare link ends where Chinese, Japanese or Korean punctuation follows. GFM takes that for a part of the address. */
import type {} from "micromark-extension-gfm-autolink-literal"; // the names of its tokens
import type { Code, Construct, Event, Extension, State } from "micromark-util-types";

const PUNCTUATION = /[\u2018-\u201d\u2026\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]/;
const ADDRESS = /^(?:https?:\/\/|www\.[^./])[^/?#]/i;
const LONGEST = 2000; // characters

const link = (type: "literalAutolinkHttp" | "literalAutolinkWww", start: RegExp): Construct => ({
  name: type,
  previous: notInWord,
  tokenize(effects, ok, nok) {
    let seen = "";
    const end = (state: State) => (code: Code) => {
      effects.exit(type);
      effects.exit("literalAutolink");
      return state(code);
    };
    const more = (code: Code): State | undefined => {
      const next = code === null || code < 0 ? " " : String.fromCharCode(code);
      if (PUNCTUATION.test(next)) return end(ADDRESS.test(seen) ? ok : nok)(code);
      if (/[\s<]/.test(next) || seen.length > LONGEST || !start.test(seen)) return end(nok)(code);
      seen += next;
      effects.consume(code);
      return more;
    };
    return (code) => {
      if (!notInWord(this.previous) || this.events.some(isOpenLabel)) return nok(code);
      effects.enter("literalAutolink");
      effects.enter(type);
      return more(code);
    };
  },
});

function notInWord(code: Code): boolean {
  return code === null || code < 0 || !/\w/.test(String.fromCharCode(code));
}

/** Links do not hold links. */
function isOpenLabel([, token]: Event): boolean {
  return (token.type === "labelLink" || token.type === "labelImage") && !token._balanced;
}

const http = link("literalAutolinkHttp", /^(?:h|ht|htt|https?|https?:|https?:\/|https?:\/\/.*)?$/i);
const www = link("literalAutolinkWww", /^(?:w|ww|www|www\..*)?$/i);

export const linkSyntax: Extension = { text: { 72: http, 104: http, 87: www, 119: www } };

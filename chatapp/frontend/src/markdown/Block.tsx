import { toJsxRuntime } from "hast-util-to-jsx-runtime";
import { memo, useMemo, type ReactNode } from "react";
import { Fragment, jsx, jsxs } from "react/jsx-runtime";
import { useT } from "../i18n";
import { components } from "./components";
import { useTree } from "./useTree";

interface BlockProps {
  text: string;
  lineBreaks: boolean;
}

/** A block of Markdown, or its text where its elements take too long or are too many. */
export const Block = memo(function Block({ text, lineBreaks }: BlockProps): ReactNode {
  const t = useT();
  const { tree, failure, ask, cancel } = useTree(text, lineBreaks);
  const elements = useMemo(() => tree && toJsxRuntime(tree, { Fragment, jsx, jsxs, components, ignoreInvalidStyle: true }), [tree]);
  if (elements) return elements;
  return (
    <div className="unformatted">
      <p className="plain" dir="auto">
        {text.trimEnd()}
      </p>
      {failure === "large" && <p className="note">{t("markdown.tooLarge")}</p>}
      {failure === "slow" && (
        <button type="button" className="link-button" onClick={cancel ?? ask}>
          {t(cancel ? "markdown.formatting" : "markdown.format")}
        </button>
      )}
    </div>
  );
});

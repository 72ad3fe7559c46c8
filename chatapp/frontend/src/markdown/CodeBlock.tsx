import { WrapText } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useT } from "../i18n";
import { CopyButton } from "../ui/CopyButton";
import { useDiagram } from "./useDiagram";
import { useHighlight } from "./useHighlight";

export function CodeBlock({ code, language }: { code: string; language: string }): ReactNode {
  const t = useT();
  const [wrap, setWrap] = useState(false);
  const highlighted = useHighlight(code, language);
  const { picture, drawing, failed, toggle } = useDiagram(code);
  const isDiagram = language === "mermaid";
  return (
    <figure className="code" data-wrap={wrap}>
      <figcaption>
        <span className="code-language">{language || t("markdown.text")}</span>
        {isDiagram && (
          <button type="button" className="button small quiet" aria-disabled={drawing} onClick={toggle}>
            {t(picture ? "markdown.showCode" : drawing ? "markdown.drawing" : "markdown.draw")}
          </button>
        )}
        <button type="button" className="icon-button small" aria-label={t("markdown.wrap")} title={t("markdown.wrap")} aria-pressed={wrap} onClick={() => setWrap(!wrap)}>
          <WrapText size={15} aria-hidden />
        </button>
        <CopyButton text={code} label={t("markdown.copyCode")} className="icon-button small" />
      </figcaption>
      {isDiagram && (
        <p className={failed ? "note" : "visually-hidden"} role="status">
          {failed ? t("markdown.notDrawn") : drawing && t("markdown.drawing")}
        </p>
      )}
      {picture ? (
        <div className="diagram" tabIndex={0} role="group">
          <img src={picture.src} width={picture.width} alt={t("markdown.diagram")} />
        </div>
      ) : (
        <pre dir="ltr" tabIndex={0}>
          <code>{highlighted}</code>
        </pre>
      )}
    </figure>
  );
}

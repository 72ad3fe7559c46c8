import { Check, Copy } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useT } from "../i18n";
import { copyText } from "./clipboard";
import { toast } from "./toast";

interface CopyButtonProps {
  text: string;
  className?: string;
  /** The button's name; "Copy" by default. */
  label?: string;
}

export function CopyButton({ text, className = "", label }: CopyButtonProps): ReactNode {
  const t = useT();
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    copyText(text).then(
      () => {
        setCopied(true);
        setTimeout(() => setCopied(false), 2000);
      },
      () => toast(t("app.copyFailed")),
    );
  };
  const name = copied ? t("app.copied") : (label ?? t("app.copy"));
  return (
    <button type="button" className={className} aria-label={name} title={name} onClick={copy}>
      {copied ? <Check size={15} aria-hidden /> : <Copy size={15} aria-hidden />}
    </button>
  );
}

import { CircleAlert, Clock } from "lucide-react";
import type { ReactNode } from "react";
import { useUser } from "../auth/user";
import { useT } from "../i18n";
import { refusalDetails, refusalText } from "../ui/errorText";
import { Problem } from "../ui/Problem";
import { openEdit } from "./editing";
import type { Unsent } from "./outbox";
import { OwnText } from "./OwnText";
import { useTurns } from "./turns";

interface UnsentRowProps {
  unsent: Unsent;
  /** Puts the text back into the composer. */
  onEdit(text: string): void;
}

/** A message that the server has not acknowledged yet or has refused. */
export function UnsentRow({ unsent, onEdit }: UnsentRowProps): ReactNode {
  const t = useT();
  const { delivery } = useTurns();
  const { id, content, state, refusal } = unsent;
  return (
    <article className="message own unsent" data-message-id={id} data-state={state}>
      <h2 className="visually-hidden">{t("thread.you")}</h2>
      <OwnText id={id} text={content} />
      {state === "failed" ? (
        <div className="unsent-failed" role="alert">
          <CircleAlert size={15} aria-hidden />
          <Problem text={[t("thread.notSent"), refusal && refusalText(refusal, t)].filter(Boolean).join(" ")} details={refusal ? refusalDetails(refusal) : undefined} />
          <button type="button" className="button small" onClick={() => delivery.retry(id)}>
            {t("app.retry")}
          </button>
          <TakeBack unsent={unsent} onEdit={onEdit} />
        </div>
      ) : (
        <>
          <div className="message-foot unsent-state" role="status">
            <Clock size={13} aria-hidden /> {t(`thread.${state}`)}
          </div>
          {state !== "sending" && (
            <div className="message-foot">
              {state === "held" && (
                <button type="button" className="button small" onClick={() => delivery.retry(id)}>
                  {t("composer.send")}
                </button>
              )}
              <TakeBack unsent={unsent} onEdit={onEdit} />
            </div>
          )}
        </>
      )}
    </article>
  );
}

function TakeBack({ unsent: { id, content, editOf }, onEdit }: UnsentRowProps): ReactNode {
  const t = useT();
  const { delivery } = useTurns();
  const user = useUser();
  const edit = (): void => {
    if (editOf) openEdit(user.id, editOf, content);
    else onEdit(content); // it is in the draft before it leaves the outbox
    delivery.takeBack(id);
  };
  return (
    <>
      <button type="button" className="button small quiet" onClick={edit}>
        {t("thread.edit")}
      </button>
      <button type="button" className="button small quiet" onClick={() => delivery.takeBack(id)}>
        {t("thread.discard")}
      </button>
    </>
  );
}

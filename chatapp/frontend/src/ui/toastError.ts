import type { Translate } from "../i18n";
import { errorDetails, errorText } from "./errorText";
import { toast } from "./toast";

/** Tells what went wrong. */
export const toastError = (error: unknown, t: Translate): void => void toast(errorText(error, t), { details: errorDetails(error) });

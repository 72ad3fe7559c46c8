/** Whether the sign-in ended while the page was open. The page then asks for the password in place. */
import { createStore } from "../lib/store";

const expired = createStore(false);
let signedIn = false;

export const signIn = {
  expired,
  /** Somebody is signed in on this page. */
  start(): void {
    signedIn = true;
    expired.set(false);
  },
  /** They logged out themselves: nothing has expired. */
  end(): void {
    signedIn = false;
    expired.set(false);
  },
  /** The server answered 401. */
  expire(): void {
    if (signedIn) expired.set(true);
  },
  /** Resolves once the sign-in is valid (again). */
  async whenValid(): Promise<void> {
    while (expired.get()) await expired.next();
  },
};

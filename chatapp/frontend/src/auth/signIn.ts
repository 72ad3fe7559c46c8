/** Whether the sign-in has ended while the page was open; the page then asks for the password in place. */
import { createStore } from "../app/store";

const expired = createStore(false);
let signedIn = false;

export const signIn = {
  store: expired,
  /** A person is signed in on this page. */
  began(): void {
    signedIn = true;
    expired.set(false);
  },
  /** The person left by their own wish: nothing has expired. */
  left(): void {
    signedIn = false;
    expired.set(false);
  },
  /** The server said 401. */
  expire(): void {
    if (signedIn) expired.set(true);
  },
  /** Resolves when a person is signed in (again). */
  async whenBack(): Promise<void> {
    while (expired.get()) await expired.next();
  },
};

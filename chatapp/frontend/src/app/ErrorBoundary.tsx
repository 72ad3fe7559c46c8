import { Component, type ReactNode } from "react";
import { ErrorPage } from "./ErrorPage";

/** Shows a page instead of nothing when drawing fails. Drafts are in the browser's storage already. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? <ErrorPage /> : this.props.children;
  }
}

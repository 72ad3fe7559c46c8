import { Component, type ReactNode } from "react";

/** Shows a message as it was written where drawing it fails: one message must not take the others away. */
export class PlainIfBroken extends Component<{ text: string; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? <p className="plain">{this.props.text}</p> : this.props.children;
  }
}

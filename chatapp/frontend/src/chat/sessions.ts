/** Chat sessions: the page's handles on conversations. One that has ended is replaced. */
import { api, unwrap } from "../api/client";

export class Sessions {
  private readonly known = new Map<string, Promise<string>>();

  /** The session on a conversation, started where the page has none. Throws `ApiError` or `Unreachable`. */
  of(conversationId: string): Promise<string> {
    const known = this.known.get(conversationId);
    if (known) return known;
    const started = unwrap(api.POST("/api/chat/start", { body: { conversationId } })).then((answer) => answer.sessionId);
    this.remember(conversationId, started);
    return started;
  }

  /** Starts a conversation and returns its id; with the same key, the same one. */
  async startNew(options: { idempotencyKey: string; model?: string; systemPrompt?: string; temporary?: boolean; projectId?: string }): Promise<string> {
    const { conversationId, sessionId } = await unwrap(api.POST("/api/chat/start", { body: options }));
    this.remember(conversationId, Promise.resolve(sessionId));
    return conversationId;
  }

  /** Makes a call with the session's id, and repeats it once with a new session where the old one has ended. */
  async call(conversationId: string, make: (sessionId: string) => Promise<Response>): Promise<Response> {
    const response = await make(await this.of(conversationId));
    if (response.status !== 410 && response.status !== 404) return response;
    this.known.delete(conversationId);
    return make(await this.of(conversationId));
  }

  private remember(conversationId: string, session: Promise<string>): void {
    this.known.set(conversationId, session);
    session.catch(() => this.known.delete(conversationId));
  }
}

/**
 * The turns of one person: messages on their way, and answers being written. They belong to the page, not to a
 * component, so they go on while another conversation is shown.
 */
import type { QueryClient } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { Delivery, type Defaults } from "./delivery";
import { Following } from "./following";
import { TurnState } from "./turnState";

export class Turns {
  readonly state: TurnState;
  readonly following: Following;
  readonly delivery: Delivery;
  private readonly ending = new AbortController();

  constructor(userId: string, queries: QueryClient, defaults: Defaults) {
    this.state = new TurnState(userId, queries, this.ending.signal);
    this.following = new Following(this.state);
    this.delivery = new Delivery(this.state, this.following, defaults);
  }

  /** The person has left: nothing is sent or read in their name any more. What waits is kept for their return. */
  end(): void {
    this.ending.abort();
  }
}

export const TurnsContext = createContext<Turns | null>(null);

export function useTurns(): Turns {
  const turns = useContext(TurnsContext);
  if (!turns) throw new Error("useTurns needs a TurnsContext above it");
  return turns;
}

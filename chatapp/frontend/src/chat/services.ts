/** What every part of the signed-in page shares: who it is, and the turns that are under way. */
import { createContext, useContext } from "react";
import type { User } from "../api/types";
import type { Turns } from "./turns";

export interface Services {
  user: User;
  turns: Turns;
}

export const ServicesContext = createContext<Services | null>(null);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (!services) throw new Error("useServices needs a signed-in page around it");
  return services;
}

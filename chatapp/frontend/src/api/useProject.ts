import { useQuery } from "@tanstack/react-query";
import { projectsQuery } from "./order";
import type { Project } from "./types";

/** The project with an id; undefined while it is not known. */
export function useProject(id: string | null | undefined): Project | undefined {
  const { data } = useQuery({ ...projectsQuery, enabled: Boolean(id) });
  return id ? data?.find((project) => project.id === id) : undefined;
}

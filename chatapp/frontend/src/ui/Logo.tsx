import type { ReactNode } from "react";

export function Logo({ size = 28 }: { size?: number }): ReactNode {
  return (
    <svg className="logo" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect className="logo-ground" width="32" height="32" rx="9" />
      <path
        className="logo-bubble"
        d="M8 11.5A3.5 3.5 0 0 1 11.5 8h9a3.5 3.5 0 0 1 3.5 3.5v6a3.500 3.500 0 0 1-3.5 3.5H15l-4.600 3.600c-.6.5-1.400 0-1.400-.7v-3.600a3.500 3.500 0 0 1-1-2.800z"
      />
      <circle className="logo-ground" cx="13" cy="14.500" r="1.600" />
      <circle className="logo-spark" cx="19" cy="14.500" r="1.600" />
    </svg>
  );
}

import { useEffect, useState } from "react";

/** The value, once it has stayed the same for `ms`. */
export function useSettled<Value>(value: Value, ms: number): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const due = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(due);
  }, [value, ms]);
  return settled;
}

import { ChevronDown } from "lucide-react";
import { useId, type ComponentProps, type ReactNode } from "react";

interface SelectProps {
  label: string;
  /** A word beside the label that is not part of the field's name. */
  remark?: string;
  value: string;
  /** Pairs of value and label. */
  options: readonly (readonly [string, string])[];
  onChange(value: string): void;
}

export function Select({ label, remark, value, options, onChange }: SelectProps): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <div className="field-head">
        <label htmlFor={id}>{label}</label>
        {remark && <span className="field-remark">{remark}</span>}
      </div>
      <SelectBox id={id} value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map(([option, name]) => (
          <option key={option} value={option}>
            {name}
          </option>
        ))}
      </SelectBox>
    </div>
  );
}

/** The control alone, for places whose label is elsewhere. */
export function SelectBox(props: ComponentProps<"select">): ReactNode {
  return (
    <div className="field-box select">
      <select {...props} />
      <ChevronDown size={16} aria-hidden />
    </div>
  );
}

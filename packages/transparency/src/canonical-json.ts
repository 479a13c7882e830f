/**
 * The canonical form of a value that JSON can hold (RFC 8785): names in the order of their UTF-16 units, no white space, strings and numbers as
 * `JSON.stringify` writes them. Absent (undefined) members are left out. RangeError where it is nested too deeply for the stack.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`
}

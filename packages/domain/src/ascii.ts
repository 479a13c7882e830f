/** Whether a text is all ASCII: then Unicode's normal forms leave it as it is, and it has no marks. */
export function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text)
}

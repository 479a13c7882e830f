/** Resolves when all parts have done their work. Where some fail, none is left at work behind the first fault that is thrown. */
export async function allEnded(parts: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(parts)
  await Promise.all(parts)
}

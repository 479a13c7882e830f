/** The function, but it acts only at its first call: for what is given back by the first of several callers. */
export function onlyOnce(act: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    act()
  }
}

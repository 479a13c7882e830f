/** The function, which acts at its first call only: for what is given back, by whoever comes first. */
export function onlyOnce(act: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    act()
  }
}

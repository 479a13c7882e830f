/**
 * The other end of `runJob`: waits for the one job that the parent sends, does it and sends back the result. An error ends the process, with
 * what happened on its error output, which the parent shows.
 */
export function doJob(run: (job: never) => Promise<unknown>): void {
  process.channel?.ref()
  process.once('message', (job) => {
    void run(job as never).then((result) => process.send?.(result))
  })
}

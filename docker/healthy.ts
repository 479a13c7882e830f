// The health check of the images, which hold no curl: ends with 0 where the service of this container is ready, else with 1.

const { PORT = '8080' } = process.env
try {
  const response = await fetch(`http://127.0.0.1:${PORT}/health/ready`, { signal: AbortSignal.timeout(3_000) })
  process.exit(response.ok ? 0 : 1)
} catch {
  process.exit(1)
}

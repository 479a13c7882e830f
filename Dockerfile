# One image, four uses: --target command, --target projection, --target migrate, --target relay.
# Node runs the TypeScript sources of the services directly; only what it serves is built in a stage of its own: the board for
# browsers, and the auditor's command (docs/decisions/0028-how-an-auditor-gets-the-tool.md).

# By digest: the same bytes at every build. To take a newer one, change tag and digest together (docker buildx imagetools inspect node:24-bookworm-slim).
ARG NODE_IMAGE=node:24.18.0-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d

FROM ${NODE_IMAGE} AS served
WORKDIR /app
COPY package.json package-lock.json tsconfig.base.json ./
COPY packages/audit-cli/package.json packages/audit-cli/
COPY packages/board/package.json packages/board/
COPY packages/client/package.json packages/client/
COPY packages/domain/package.json packages/domain/
COPY packages/transparency/package.json packages/transparency/
RUN npm ci --workspace @commitments/audit-cli --workspace @commitments/board --include-workspace-root=false --ignore-scripts --no-audit --no-fund
COPY packages/audit-cli packages/audit-cli
COPY packages/board packages/board
COPY packages/client packages/client
COPY packages/domain packages/domain
COPY packages/transparency packages/transparency
COPY scripts/build scripts/build
COPY scripts/build.ts scripts/
COPY docs/audit.md docs/signing.md docs/
COPY docs/audit docs/audit
COPY docs/decisions docs/decisions
COPY docs/signing docs/signing
# What `npm run --silent commit` prints; the program says it. A build context has no git to ask.
ARG COMMIT=
RUN COMMIT=${COMMIT} node scripts/build.ts

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
COPY packages/audit-cli/package.json packages/audit-cli/
COPY packages/client/package.json packages/client/
COPY packages/domain/package.json packages/domain/
COPY packages/event-store/package.json packages/event-store/
COPY packages/http-kit/package.json packages/http-kit/
COPY packages/iati/package.json packages/iati/
COPY packages/local-postgres/package.json packages/local-postgres/
COPY packages/test-kit/package.json packages/test-kit/
COPY packages/transparency/package.json packages/transparency/
COPY services/command/package.json services/command/
COPY services/projection/package.json services/projection/
COPY services/relay/package.json services/relay/
# The board's are not among them: they go to the browser, in a bundle. The optional dependencies are a Node and a Postgres for machines without
# them. No package needs its install script.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE} AS base
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /app
COPY --from=dependencies /app ./
COPY packages/domain packages/domain
COPY packages/event-store packages/event-store
COPY packages/http-kit packages/http-kit
COPY packages/iati packages/iati
COPY packages/transparency packages/transparency
COPY services services
COPY migrations migrations
COPY scripts/accept-restore scripts/accept-restore
COPY scripts/rebuild scripts/rebuild
COPY scripts/migrate.ts scripts/rebuild.ts scripts/replay-check.ts scripts/accept-restore.ts scripts/accept-move.ts scripts/make-key.ts scripts/command.ts scripts/owner-address.ts scripts/terminal.ts scripts/
COPY docker/healthy.ts docker/
USER node

FROM base AS migrate
CMD ["node", "scripts/migrate.ts"]

FROM base AS command
ENV PORT=8080
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=4s --start-period=20s --retries=3 CMD ["node", "docker/healthy.ts"]
# The flags are explained in scripts/start/node-flags.ts.
CMD ["node", "--use-largepages=silent", "--max-semi-space-size=16", "--max-old-space-size=256", "--heap-growing-percent=300", "--no-allocation-site-pretenuring", "services/command/src/main.ts"]

FROM base AS projection
ENV PORT=8081 LOG_STATE_DIR=/var/lib/commitments
# The last signed checkpoint is kept here. A mounted volume takes its owner from this folder.
USER root
RUN mkdir /var/lib/commitments && chown node:node /var/lib/commitments
USER node
COPY --from=served /app/packages/audit-cli/dist packages/audit-cli/dist
COPY --from=served /app/packages/board/dist packages/board/dist
EXPOSE 8081
HEALTHCHECK --interval=5s --timeout=4s --start-period=20s --retries=3 CMD ["node", "docker/healthy.ts"]
# The flags keep it within 512 MiB (scripts/start/node-flags.ts).
CMD ["node", "--max-semi-space-size=16", "--max-old-space-size=256", "--heap-growing-percent=300", "--no-allocation-site-pretenuring", "services/projection/src/main.ts"]

FROM base AS relay
ENV PORT=8082
EXPOSE 8082
HEALTHCHECK --interval=5s --timeout=4s --start-period=20s --retries=3 CMD ["node", "docker/healthy.ts"]
ENTRYPOINT ["node", "services/relay/src/main.ts"]

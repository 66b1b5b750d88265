# syntax=docker/dockerfile:1
FROM node:26.9.0-bookworm-slim AS build
WORKDIR /almanac
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build:web \
  && npm prune --omit=dev

FROM node:26.9.0-bookworm-slim AS server
RUN apt-get update \
  && apt-get install -y --no-install-recommends git \
  && rm -rf /var/lib/apt/lists/* \
  # The repository that is mounted here belongs to somebody else than the user in here.
  && git config --system --add safe.directory /repository \
  && mkdir -p /data \
  && chown node:node /data
# Others may reach it: it starts with API_AUTH_TOKEN, SESSION_SECRET and MASTER_KEY only (or …_FILE, the file of a mounted secret).
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
WORKDIR /almanac
COPY --from=build /almanac/package.json ./
COPY --from=build /almanac/node_modules ./node_modules
COPY --from=build /almanac/domain ./domain
COPY --from=build /almanac/projections ./projections
COPY --from=build /almanac/server ./server
COPY --from=build /almanac/web/build ./web/build
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --retries=6 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/health').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "server/cli/main.ts", "start", "--repo", "/repository"]

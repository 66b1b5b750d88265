import { memberCollections } from '../../projections/collections.ts';
import { jobTotals, runsUnderWay } from '../../projections/jobs.ts';
import { METRICS } from './openapi-routes.ts';
import type { HttpRoute } from './http-route.ts';
import type { Services } from './services.ts';

type Sample = { readonly labels?: Readonly<Record<string, string>>; readonly value: number };
type Metric = {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly Sample[];
};

/**
 * `GET /metrics`: how the server does, as Prometheus reads it (text format 0.0.4). Names follow
 * https://prometheus.io/docs/practices/naming: base units, `_total` for what only grows. Nothing in it names a person or a repository.
 */
export function metricsRoute(services: Services): HttpRoute {
  const handle: HttpRoute['handle'] = async () => {
    const up = await services.health().then(
      () => 1,
      () => 0,
    );
    const metrics = [...ofServer(services, up), ...ofJobs(services), ...ofLag(services)];
    const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' };
    return new Response(metrics.map(textOf).join(''), { headers });
  };
  return { method: 'GET', path: '/metrics', permission: 'admin', operation: METRICS, handle };
}

function ofServer({ version, startedAt, store }: Services, up: number): Metric[] {
  return [
    gauge('almanac_info', 'The version that runs, and its event store.', [{ labels: { version, store }, value: 1 }]),
    gauge('almanac_start_time_seconds', 'When the server was started, in seconds since the epoch.', [
      { value: seconds(startedAt) },
    ]),
    gauge('almanac_event_store_up', 'Whether the event store answers.', [{ value: up }]),
  ];
}

function ofJobs(services: Services): Metric[] {
  const model = services.model('jobs');
  const totals = jobTotals(model);
  const labels = ({ name, outcome }: (typeof totals)[number]) => ({ job: name, outcome });
  const last = (wanted: string) =>
    totals
      .filter(({ outcome }) => outcome === wanted)
      .map(({ name, lastAt }) => ({ labels: { job: name }, value: seconds(lastAt) }));
  const running = Map.groupBy(runsUnderWay(model), ({ name }) => name);
  const names = new Set([...totals.map(({ name }) => name), ...running.keys()]);
  return [
    {
      ...{ name: 'almanac_job_runs_total', type: 'counter', help: 'Attempts at jobs that have ended, by outcome.' },
      samples: totals.map((total) => ({ labels: labels(total), value: total.runs })),
    },
    {
      ...{ name: 'almanac_job_run_seconds_total', type: 'counter', help: 'How long attempts at jobs took together.' },
      samples: totals.map((total) => ({ labels: labels(total), value: total.milliseconds / 1_000 })),
    },
    gauge('almanac_job_last_success_timestamp_seconds', 'When a job last finished.', last('finished')),
    gauge('almanac_job_last_failure_timestamp_seconds', 'When an attempt at a job last failed.', last('failed')),
    gauge(
      'almanac_job_running',
      'Runs of a job that are under way.',
      [...names].map((job) => ({ labels: { job }, value: running.get(job)?.length ?? 0 })),
    ),
  ];
}

function ofLag(services: Services): Metric[] {
  const repositories = services.repositories();
  const members = [...memberCollections(services.model('collections')).values()];
  const behind = ({ state }: { state: string }) => Number(state !== 'live');
  return [
    gauge(
      'almanac_projection_lag_events',
      'Events that a read model has not folded in yet.',
      services
        .readModelStatus()
        .map(({ name, done, total }) => ({ labels: { projection: name }, value: Math.max(0, total - done) })),
    ),
    gauge(
      'almanac_projection_behind',
      'Whether a read model is parked, being rebuilt or catching up.',
      services.readModelStatus().map((status) => ({ labels: { projection: status.name }, value: behind(status) })),
    ),
    gauge(
      'almanac_subscriber_behind',
      'Whether a subscriber is catching up, retrying or stopped.',
      services.subscribers().map((status) => ({ labels: { subscriber: status.name }, value: behind(status) })),
    ),
    gauge(
      'almanac_subscriber_parked_events',
      'Events that a subscriber has put aside after it had failed for good.',
      services.subscribers().map(({ name, parked }) => ({ labels: { subscriber: name }, value: parked })),
    ),
    gauge('almanac_collection_members', 'Members whose commits at GitHub are read.', [{ value: members.length }]),
    gauge('almanac_collection_members_failing', 'Members whose commits at GitHub cannot be read just now.', [
      { value: members.filter(({ failure }) => failure !== null).length },
    ]),
    gauge('almanac_repositories_failing', 'Repositories of this machine that cannot be read.', [
      { value: repositories.filter(({ state }) => state === 'failed').length },
    ]),
  ];
}

const gauge = (name: string, help: string, samples: readonly Sample[]): Metric => ({
  ...{ name, type: 'gauge', help, samples },
});

const seconds = (instant: string): number => Date.parse(instant) / 1_000;

/** A metric without samples says nothing, not even its name. */
function textOf({ name, type, help, samples }: Metric): string {
  if (samples.length === 0) return '';
  const lines = samples.map(({ labels = {}, value }) => `${name}${labelsOf(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function labelsOf(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`);
  return pairs.length > 0 ? `{${pairs.join(',')}}` : '';
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

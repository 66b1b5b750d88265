/** Arrows run one way: web → (types of) server → projections → domain. @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'domain-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^domain/' },
      to: { path: '^(server|projections|web|tests)/' },
    },
    { name: 'domain-does-no-io', severity: 'error', from: { path: '^domain/' }, to: { dependencyTypes: ['core'] } },
    {
      name: 'projections-know-only-the-domain',
      severity: 'error',
      from: { path: '^projections/' },
      to: { path: '^(server|web|tests)/' },
    },
    {
      name: 'projections-do-no-io',
      severity: 'error',
      from: { path: '^projections/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'a-read-model-keeps-its-tables-to-itself',
      severity: 'error',
      from: { path: '^projections/(?!all)(.+?)(-queries)?[.]ts$' },
      to: { path: '^projections/(?!projection[.]ts)', pathNot: '^projections/$1[.]ts$' },
    },
    {
      name: 'identity-knows-the-api-by-types-only',
      severity: 'error',
      from: { path: '^server/identity/' },
      to: { path: '^server/api/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'server-does-not-import-web',
      severity: 'error',
      from: { path: '^server/' },
      to: { path: '^web/', pathNot: '^web/build/' },
    },
    {
      name: 'web-imports-only-types-of-server',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^(server|projections|domain)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'the-vault-knows-nobody-who-uses-it',
      severity: 'error',
      from: { path: '^server/vault/' },
      to: { path: '^server/(api|identity)/' },
    },
    {
      name: 'only-the-adapter-knows-its-client',
      severity: 'error',
      from: { pathNot: '^(server/event-store/eventstoredb/|tests/)' },
      to: { path: 'node_modules/@(eventstore|grpc)/' },
    },
    {
      name: 'product-does-not-import-tests',
      severity: 'error',
      from: { path: '^(server|domain|projections|web)/' },
      to: { path: '^tests/' },
    },
    {
      name: 'nothing-named-for-nothing',
      severity: 'error',
      from: {},
      to: { path: '(^|/)(utils?|helpers?|common|misc)([.]|/)', pathNot: 'node_modules' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(web/build|[.]svelte-kit)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.svelte'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node'],
    },
  },
};

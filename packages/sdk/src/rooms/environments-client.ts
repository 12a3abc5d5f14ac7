import type {
  DeclaredEnvironmentSchema,
  EnvironmentDeclarationSchema,
  EnvironmentView,
  Wire,
} from '@fairlead/contracts';
import type { Transport } from '../call-types.js';

export function environmentsClient({ json }: Transport) {
  return {
    list: () => json<{ items: EnvironmentView[] }>('listEnvironments'),
    get: (environment: string) => json<EnvironmentView>('getEnvironment', { params: { environment } }),
    /** Refused while anything serves there or is on its way to. */
    remove: (environment: string) => json<void>('removeEnvironment', { params: { environment } }),
    declare: (environment: string, declaration: Wire<typeof EnvironmentDeclarationSchema>) =>
      json<Wire<typeof DeclaredEnvironmentSchema>>('declareEnvironment', {
        params: { environment },
        body: declaration,
      }),
  };
}

/** Files that this server keeps: our word for their place, and MLflow's. */
const OURS = 'artifacts:/';
const SHOWN = 'mlflow-artifacts:/';

/** A place as MLflow's clients name it. */
export function showArtifactRoot(root: string): string {
  return root.startsWith(OURS) ? SHOWN + root.slice(OURS.length) : root;
}

/** A place as the rooms keep it; text within patterns of a search as well. */
export function storeArtifactRoot(shown: string): string {
  return shown.replaceAll(SHOWN, OURS);
}

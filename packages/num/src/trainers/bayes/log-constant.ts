/** ln prior − ½ Σ ln(2π·variance): what of a class's joint log-likelihood no feature changes. */
export function logConstant(model: { priors: Float64Array; variances: Float64Array }, k: number): number {
  const p = model.variances.length / model.priors.length;
  let sum = Math.log(model.priors[k]);
  for (let f = 0; f < p; f++) sum -= 0.5 * Math.log(2 * Math.PI * model.variances[k * p + f]);
  return sum;
}

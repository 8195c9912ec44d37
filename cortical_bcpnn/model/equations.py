"""Every equation of the model, as Brian2 strings with units, and nothing else.

The model is that of Ravichandran, Lansner & Herman (2024), *Spiking representation
learning for associative memories*, doi:10.3389/fnins.2024.1439414. Where a string
contains ``{projection}``, one copy of it is made for each projection, under its name;
``{emitted}`` stands for what an emission of a minicolumn adds to z. The strings of one
minicolumn model are put together in `minicolumns`, those of a plasticity rule in
`plasticity`; other models than the published one follow at the end.
"""

# --- What the network provides to every minicolumn -----------------------------------
# Beside this ``evidence``, which sums what the projections bring (see INPUT below),
# ``spike_count``, and ``emission_min`` and ``support_noise`` where a model names them.
PROVIDED = """
x = int(clamped)*log_stimulus : 1                     # log(v + epsilon) where clamped
log_stimulus : 1
clamped : boolean (shared)
tau_m : second (shared)
tau_z : second (shared)
f_max : Hz (shared)
epsilon : 1 (shared)
"""

# --- Minicolumns ---------------------------------------------------------------------
# Support s, z trace and firing rate of a minicolumn (forward Euler).
MINICOLUMN = """
ds/dt = (x + evidence - s)/tau_m : 1                  # support
dz/dt = (epsilon - z)/tau_z : 1                       # z trace
rate = f_max*activation/partition : Hz                # softmax over the hypercolumn
z_per_spike = (1 - epsilon)/(f_max*tau_z) : 1 (shared)
excess : 1
activation : 1
"""
NOISE = "s += support_noise*rand()"  # breaks ties; only where support_noise > 0

# --- What minicolumns emit -----------------------------------------------------------
# In spiking variants a spike, 1, with probability rate*dt.
SPIKE = "rand() < rate*dt"
RESET = "z += z_per_spike; spike_count += 1"
EMITTED = "z_per_spike"

# In rate-based variants the expectation of that, rate*dt, in every time step. It is kept in
# a variable, so that each synapse need not divide by the partition. Where it is not above
# emission_min it neither reaches z nor is transmitted; emission_min = 0 leaves nothing out.
# (Brian2's 'spike' event then says that something is emitted, not that there is a spike.)
EXPECTED_SPIKES = """
emission : 1
"""
EMISSION = "emission = rate*dt"
EXPECTATION = "emission > emission_min"
RESET_EXPECTED = "z += emission*z_per_spike; spike_count += emission"
EMITTED_EXPECTED = "emission*z_per_spike"

# --- Hypercolumns --------------------------------------------------------------------
# exp(s) overflows, but softmax does not change when all supports shift together: shift
# follows the log-partition of the previous step. The clip is reached only where the
# support of a whole hypercolumn jumps by more than 700 within one step; then activity is
# finite and evenly spread until the shift has caught up, 700 a step.
HYPERCOLUMN = """
partition : 1
shift : 1
"""
EXCESS = "excess = clip(s - shift, -700, 700)"
ACTIVATION = "activation = exp(excess)"  # on its own, so that compilers vectorise it
NORMALISATION = "partition_post = activation_pre : 1 (summed)"
SHIFT = "shift += log(partition)"

# --- Projections: transmission -------------------------------------------------------
# z filters what is emitted, so I = sum_i w_ij z_i obeys the equation of z itself, with jumps
# when presynaptic minicolumns emit. (The floor epsilon = 1e-7 of z is left out of I: it would
# shift a support by less than 1e-7 times the sum of its weights.)
INPUT = "dI_{projection}/dt = -I_{projection}/tau_z : 1"
GAIN = "g_{projection} : 1 (shared)"
BIAS = "b_{projection} : 1"
EVIDENCE = "g_{projection}*(b_{projection} + I_{projection})"
SYNAPSE = "w : 1"
TRANSMIT = "I_{projection}_post += w*{emitted}"

# --- Projections: the BCPNN rule ------------------------------------------------------
# Weight and bias in the traces of the pair, p_ij, of the minicolumns, p_i and p_j, and p.
WEIGHT = "log(p_ij*p/(p_i*p_j))"
PRIOR = "log(p_j/p)"

# --- Projections: BCPNN traces -------------------------------------------------------
# p corrects the start: it grows from its prior mass to 1. All p traces take one Euler
# step of size kappa = dt/tau_p whenever ``learning`` is on (at the end of a pattern).
#
# The joint trace p_ij is kept as the conditional q_ij = p_ij/p_j (or p_ij/p_i). Put into
# tau_p dp_ij/dt = z_i z_j - p_ij this gives the update LEARN below, exactly, with
# eta_j = kappa z_j/p_j. A column whose z is near 0 has eta near 0 and its q stands still.
# So only columns with z > z_min learn the z_i of the moment; z_min = 0 is the dense rule.
# To the others, whose spikes are long past or never were, z_i comes as its average p_i/p.
# Such steps can wait: they are put together as 1 - (1 - d)(1 - d') and taken when the column
# next fires, or when they amount to deferred_max. (Left out for good they would be missed:
# where p_j has sunk to epsilon, eta_j is near kappa, and columns that never fire forget the
# random q that they started with.)
# "conditioning" is the side whose p divides (active columns learn), "conditioned" is the
# other side, whose p enters the weight: w_ij = log q_ij + log p - log p_conditioned.
LEARNING = """
p : 1 (shared)
kappa : 1 (shared)
learning : boolean (shared)
"""
THRESHOLDS = """
z_min : 1 (shared)
deferred_max : 1 (shared)
"""
LEARN_START = "p += int(learning)*kappa*(1 - p)"
UPDATE_EVENT = "learning"
LEARN_EVENT = "learning and ({active} or {deferred})"  # active: z > z_min
DEFERRED = "deferred_{projection} > deferred_max"
LEARNED = "deferred_{projection} = 0"

TRACE = {
    "pre": "p_pre_{projection} : 1",
    "post": "p_post_{projection} : 1",
}
UPDATE_TRACE = {
    "pre": "p_pre_{projection} += kappa*(z - p_pre_{projection})",
    "post": "p_post_{projection} += kappa*(z - p_post_{projection})",
}
UPDATE_BIAS = "b_{projection} = {bias}"
CONDITIONING = """
eta_{projection} : 1
deferred_{projection} : 1
"""
UPDATE_CONDITIONING = """
eta_{projection} = kappa*z/p_{side}_{projection}
deferred_{projection} += int(z <= z_min)*(1 - deferred_{projection})*eta_{projection}
eta_{projection} *= int(z > z_min)
"""
CONDITIONED = """
average_{projection} : 1
log_prior_{projection} : 1
"""
UPDATE_CONDITIONED = """
average_{projection} = p_{side}_{projection}/p
log_prior_{projection} = -log(average_{projection})
"""

SYNAPSE_TRACE = "q : 1"
LEARN = """
q += deferred_{projection}_{conditioning}*(average_{projection}_{conditioned} - q)
q += eta_{projection}_{conditioning}*(z_{conditioned} - q)
"""

# Traces of other variables than z (see `plasticity`) are learned by the same strings, with
# the name of the variable in place of z.
# A connected pair that transmits while it learns keeps log q beside q.
PLASTIC_SYNAPSE = """
q : 1
log_q : 1
"""
LEARN_PLASTIC = LEARN + "log_q = log(q)"
TRANSMIT_PLASTIC = (
    "I_{projection}_post += (log_q + log_prior_{projection}_{conditioned})*{emitted}"
)
# Under rules with another weight, it evaluates the weight whenever it transmits.
TRANSMIT_WEIGHT = "I_{projection}_post += ({weight})*{emitted}"
JOINT = "q*p_{conditioning}_{projection}_{conditioning}"  # p_ij

# --- Spike-frequency adaptation ------------------------------------------------------
# Every spike of a minicolumn raises its adaptation a, which opposes its evidence.
ADAPTATION = """
da/dt = -a/tau_a : 1
"""
ADAPT = "a += jump_a"

# --- Leaky integrate-and-fire with escape noise --------------------------------------
# The membrane potential v filters stimulus and evidence, scaled by the width of the escape
# noise, escape_width: below threshold one unit of log-odds changes the rate by a factor of e,
# as in the softmax; f_max is the most. Spikes are followed by an afterpotential. In place of
# the softmax, a pool of inhibitory cells follows the activity of the hypercolumn with the time
# constant tau_inhibition and raises the thresholds of its minicolumns:
#     tau_inhibition dpool/dt = sum exp(v/escape_width) - pool,  inhibition = escape_width log pool
# INHIBIT is the Euler step of the pool, in terms of its logarithm, so that it cannot overflow.
LIF = """
dv/dt = (v_rest + escape_width*(x + evidence) - v)/tau_m : volt   # membrane potential
dz/dt = (epsilon - z)/tau_z : 1                                   # z trace
rate = f_max*clip(activation, 0, 1) : Hz                          # escape noise
z_per_spike = (1 - epsilon)/(f_max*tau_z) : 1 (shared)
activation : 1
"""
ESCAPE = "activation = exp(clip((v - v_threshold - inhibition)/escape_width, -700, 700))"
LIF_RESET = "v -= afterpotential; z += z_per_spike; spike_count += 1"
LIF_NOISE = "v += escape_width*support_noise*rand()"
LIF_HYPERCOLUMN = """
inhibition : volt
activity : 1
"""
ACTIVITY = "activity_post = activation_pre : 1 (summed)"
INHIBIT = "inhibition += escape_width*log(1 + dt/tau_inhibition*(activity - 1))"

# --- Recurrence by how sure a hypercolumn is ------------------------------------------
# Of a population that two projections reach, `feedforward` and `recurrent`: what the cue alone
# says gives the hypercolumn a log-partition of its own,
#     confidence = log sum_j exp(b_j + I_j)     (feedforward)
# In naive Bayes it is log P(cue)/prod P(pixel), the log-odds that the pixels are the pattern that
# the hypercolumn knows and not pixels by chance: it sinks where pixels are missing or wrong. By
# it, in units of its spread over patterns that were learned, `listening` goes from `sure` to
# `unsure` and multiplies the recurrent gain. (confidence follows the log-partition of the
# previous time step, like shift.)
WITH_EVIDENCE = "x + evidence"
WITH_LISTENING = (
    "x + g_feedforward*(b_feedforward + I_feedforward)"
    " + listening*(g_recurrent*(b_recurrent + I_recurrent))"
)
OF_CUE = """
excess_of_cue : 1
activation_of_cue : 1
"""
CONFIDENCE_HYPERCOLUMN = """
partition_of_cue : 1
confidence : 1
listening : 1
"""
EXCESS_OF_CUE = "excess_of_cue = clip(b_feedforward + I_feedforward - confidence, -700, 700)"
ACTIVATION_OF_CUE = "activation_of_cue = exp(excess_of_cue)"
PARTITION_OF_CUE = "partition_of_cue_post = activation_of_cue_pre : 1 (summed)"
CONFIDENCE = "confidence += log(partition_of_cue)"
LISTENING = (
    "listening = sure + (unsure - sure)/(1 + exp(steepness*((confidence - usual)/spread - threshold)))"
)

# --- A time constant of its own for what recurrence brings ----------------------------
# I decays with tau_feedforward or tau_recurrent. Emissions still add w*z_per_spike, so that a
# longer I is larger by tau_recurrent/tau_z, which is taken back where it is added up.
INPUT_OF_ITS_OWN_TIME = "dI_{projection}/dt = -I_{projection}/tau_{projection} : 1"
WITH_ITS_OWN_TIME = (
    "x + g_feedforward*(b_feedforward + I_feedforward*tau_z/tau_feedforward)"
    " + g_recurrent*(b_recurrent + I_recurrent*tau_z/tau_recurrent)"
)

# --- E traces between Z and P --------------------------------------------------------
# p traces learn e in place of z: e_i follows the z that is transmitted, with tau_z; e_j follows
# a z of its own time constant, tau_zj. (They are traces of minicolumns, not of pairs: p_ij
# learns e_i e_j, where a trace of the pair would filter z_i z_j.)
ELIGIBILITY = """
de_i/dt = (z - e_i)/tau_e : 1
dz_j/dt = (epsilon - z_j)/tau_zj : 1
de_j/dt = (z_j - e_j)/tau_e : 1
"""
ELIGIBILITY_RESET = "z_j += emitted*tau_z/tau_zj"

# --- Covariance ----------------------------------------------------------------------
COVARIANCE = "gain*(p_ij/p - p_i*p_j/p**2)"

# --- Deterministic spikes ------------------------------------------------------------
# progress integrates the rate; a minicolumn spikes, and begins anew, when it has reached 1.
PROGRESS = """
progress : 1
"""
ACCUMULATE = "progress += rate*dt"
ACCUMULATED = "progress >= 1 - 1e-9"  # 1, after rounding
RESTART = "progress -= 1"

# --- Escape noise without normalisation ----------------------------------------------
# The rate is a logistic function of the support alone. As long as the evidence is below theta by
# a few widths there are no spikes, where a softmax shares out f_max in any case.
ESCAPE_NOISE = """
ds/dt = (x + evidence - s)/tau_m : 1                              # support
dz/dt = (epsilon - z)/tau_z : 1                                   # z trace
rate = f_max/(1 + exp(clip((theta - s)/width, -700, 700))) : Hz
z_per_spike = (1 - epsilon)/(f_max*tau_z) : 1 (shared)
"""

# --- Spiking recurrent cell ----------------------------------------------------------
# A recurrence in time steps of 1 ms, whose feedback makes spikes of h: fast and positive from h
# itself, slow and negative from h_s, which follows h slowly except in spikes, where the gate z_s
# is open. (Its update gate, z in the source, is 0 as published.) Its input is a leaky sum of
# the log-odds that the minicolumn wins its hypercolumn, so that the softmax still competes; ``certain``
# is the sum where it wins for sure. h_before is what h was: h_s follows that. (Noise is uniform, with
# the standard deviation drive_noise: Gaussian numbers would take longer than all the rest.)
SRC = """
ds/dt = (x + evidence - s)/tau_m : 1                          # support
dz/dt = (epsilon - z)/tau_z : 1                               # z trace
z_per_spike = (1 - epsilon)/(f_saturated*tau_z) : 1 (shared)  # where it is certain, z is 1
excess : 1
activation : 1
drive : 1
h : 1
h_before : 1
h_s : 1
"""
SRC_DRIVE = "drive = alpha*drive + (1 - alpha)*(certain + sharpness*(excess - log(partition)))"
SRC_CELL = """
h_before = h
z_s = z_hyp - (z_hyp - z_dep)/(1 + exp(-10*(h - 0.5)))
h = tanh(rho*tanh(drive/rho) + b + r*h + r_s*h_s)
h_s = z_s*h_s + (1 - z_s)*h_before
"""
SRC_GATE = "(z_hyp - z_dep)/(1 + exp(-10*(h - 0.5)))"
SRC_STEP_GATE = "(z_hyp - z_dep)*int(h > 0.5)"
SRC_BIAS, SRC_NOISY_BIAS = "+ b +", "+ b + drive_noise*sqrt(12)*(rand() - 0.5) +"
# What it emits: an event where h rises above 0.5, or, graded, max(h, 0) in every time step, in units
# of what that amounts to in a spike.
SRC_SPIKE = "h > 0.5 and h_before <= 0.5"
SRC_GRADED = "emission = clip(h, 0, 1)/h_per_spike"

# --- Hebbian rules of classical associative memories ---------------------------------
# Patterns are 0 and 1, so that averages over them follow from p_ij, p_i, p_j and p. A pair of
# minicolumns that were active together in the last pattern has p_ij > threshold = kappa/2.
HEBB = "p_ij/p"
WILLSHAW = "int(p_ij > threshold)"
HOPFIELD = "(4*p_ij - 2*p_i - 2*p_j + p)/p"  # average of (2 z_i - 1)(2 z_j - 1)
OJA = "p_ij/p_j"  # where z_j (z_i - w z_j) averages to 0
PRESYNAPTIC_COVARIANCE = "p_ij/p_i - p_j/p"

# --- A factor for each logarithm -----------------------------------------------------
# BCPNN is theta = (1, -1, -1, 1) and theta_b = 1.
LOGARITHMS = "theta_1*log(p_ij) + theta_2*log(p_i) + theta_3*log(p_j) + theta_4*log(p)"
LOGARITHMS_PRIOR = "theta_b*log(p_j/p)"

"""Every equation of the biophysical twin, as Brian2 strings with units, and nothing else.

Cells and synapses follow Tully, Hennig & Lansner (2014), doi:10.3389/fnsyn.2014.00008, Fiebig &
Lansner (2017), doi:10.1523/JNEUROSCI.1989-16.2016, and Chrysanthidis, Fiebig & Lansner (2019),
doi:10.1007/s10827-019-00729-1. Where a string contains ``{trace}``, one copy of it is made for
each of the two BCPNN traces: "fast" learns the AMPA weights and the bias, "slow" the NMDA weights.
"""

# --- Cells -----------------------------------------------------------------------------
# Adaptive exponential integrate-and-fire (Brette & Gerstner 2005) without subthreshold
# adaptation; the exponent is capped so that the upstroke stays finite between two time steps.
# g_gaba also takes negative AMPA weights and g_inh_slow negative NMDA weights: the published
# models give negative weights the reversal potential of inhibition (disynaptic inhibition
# through double bouquet cells in Chrysanthidis et al. 2019).
PYRAMIDAL = """
dv/dt = (g_leak*(E_leak - v) + g_leak*Delta_T*exp(clip((v - V_T)/Delta_T, -50, 10)) - w_adapt
         + bias_gain*bias + (g_ampa + g_nmda)*(E_exc - v)
         + (g_gaba + g_inh_slow)*(E_inh - v))/C_m : volt (unless refractory)
dw_adapt/dt = -w_adapt/tau_w : amp                    # spike-triggered adaptation
dg_ampa/dt = -g_ampa/tau_ampa : siemens
dg_nmda/dt = -g_nmda/tau_nmda : siemens
dg_gaba/dt = -g_gaba/tau_gaba : siemens
dg_inh_slow/dt = -g_inh_slow/tau_nmda : siemens
dx/dt = (1 - x)/tau_rec : 1                           # transmitter left, Tsodyks & Markram (1997)
released : 1                                          # share released by the last spike
bias : 1                                              # log p_j of the fast trace
stimulus_rate : Hz
"""
BASKET = """
dv/dt = (g_leak*(E_leak - v) + g_leak*Delta_T*exp(clip((v - V_T)/Delta_T, -50, 10))
         + g_ampa*(E_exc - v))/C_m : volt (unless refractory)
dg_ampa/dt = -g_ampa/tau_ampa : siemens
"""
# Parameters are variables, so that a program need not be compiled anew for other values.
CELL_PARAMETERS = """
C_m : farad (shared)
g_leak : siemens (shared)
E_leak : volt (shared)
V_T : volt (shared)
Delta_T : volt (shared)
V_spike : volt (shared)
V_reset : volt (shared)
t_ref : second (shared)
E_exc : volt (shared)
tau_ampa : second (shared)
silenced : boolean (shared)                           # no spikes while spikes under way arrive
"""
PYRAMIDAL_PARAMETERS = """
b_adapt : amp (shared)
tau_w : second (shared)
E_inh : volt (shared)
tau_nmda : second (shared)
tau_gaba : second (shared)
utilization : 1 (shared)
tau_rec : second (shared)
bias_gain : amp (shared)
ampa_gain : siemens (shared)
nmda_gain : siemens (shared)
local_weight : 1 (shared)
basket_conductance : siemens (shared)
input_conductance : siemens (shared)
background_rate : Hz (shared)
"""
BASKET_PARAMETERS = "inhibition_conductance : siemens (shared)\n"
THRESHOLD = "v > V_spike and not silenced"
REFRACTORY = "t_ref"
RESET_BASKET = "v = V_reset"
# The traces of the reset are in TRACE_RESET.
RESET_PYRAMIDAL = """
v = V_reset
w_adapt += b_adapt
released = utilization*x
x -= released
last_spike = t
"""
# Poisson input, as one Bernoulli trial per time step: excitatory background and stimulus, and
# inhibitory background of the same rate and conductance ("zero mean noise").
INPUT = """
g_ampa += input_conductance*int(rand() < (background_rate + stimulus_rate)*dt)
g_gaba += input_conductance*int(rand() < background_rate*dt)
"""

# --- Synapses: transmission --------------------------------------------------------------
TRANSMIT = """
g_ampa_post += ampa_gain_pre*released_pre*w_fast*int(w_fast > 0)
g_gaba_post -= ampa_gain_pre*released_pre*w_fast*int(w_fast < 0)
g_nmda_post += nmda_gain_pre*released_pre*w_slow*int(w_slow > 0)
g_inh_slow_post -= nmda_gain_pre*released_pre*w_slow*int(w_slow < 0)
"""
TRANSMIT_LOCAL = """
g_ampa_post += ampa_gain_pre*released_pre*local_weight_pre
g_nmda_post += nmda_gain_pre*released_pre*local_weight_pre
"""
EXCITE_BASKET = "g_ampa_post += basket_conductance_pre"
INHIBIT = "g_gaba_post += inhibition_conductance_pre"

# --- BCPNN traces of cells ---------------------------------------------------------------
#   tau_z dz/dt = epsilon - z + S/f_max        tau_p dp/dt = kappa (z - p)
# with the spike train S, in steps that are exact whatever dt is. A spike adds 1/(f_max tau_z).
# kappa is the print-now signal (Tully et al. 2014): 0 freezes all p.
TRACE = """
z_{trace} : 1
p_{trace} : 1
z_spike_{trace} : 1                                   # z just after the last spike
tau_z_{trace} : second (shared)
"""
TRACE_PARAMETERS = """
last_spike : second
kappa : 1 (shared)
tau_p : second (shared)
f_max : Hz (shared)
epsilon : 1 (shared)
settling : boolean (shared)
"""
ADVANCE_TRACE = """
kept_z_{trace} = exp(-dt/tau_z_{trace})
kept_p_{trace} = exp(-kappa*dt/tau_p)
passed_{trace} = kappa*tau_z_{trace}/(kappa*tau_z_{trace} - tau_p)*(kept_z_{trace} - kept_p_{trace})
p_{trace} = epsilon + (p_{trace} - epsilon)*kept_p_{trace} + (z_{trace} - epsilon)*passed_{trace}
z_{trace} = epsilon + (z_{trace} - epsilon)*kept_z_{trace}
"""
TRACE_RESET = """
z_{trace} += 1/(f_max*tau_z_{trace})
z_spike_{trace} = z_{trace}
"""
BIAS = "bias = log(p_fast)"
CATCH_UP_EVENT = "settling"

# --- BCPNN traces of synapses --------------------------------------------------------------
#   tau_p dp_ij/dt = kappa (z_i z_j - p_ij)              w_ij = log(p_ij/(p_i p_j))
# Between spikes z_i and z_j decay to epsilon, so that z_i z_j is a sum of exponentials and p_ij
# has a closed form (as in Vogginger et al. 2015, doi:10.3389/fnins.2015.00002). It is taken when one of
# the two cells fires, and when ``settling`` is on (before and after kappa changes).
# With a = z_i - epsilon, b = z_j - epsilon at the last update, an exponential of time constant
# tau in z_i z_j adds kappa tau/(kappa tau - tau_p) (exp(-t/tau) - exp(-kappa t/tau_p)) to p_ij.
PLASTIC_SYNAPSE = """
last_update : second
"""
SYNAPSE_TRACE = """
p_ij_{trace} : 1
w_{trace} : 1
"""
ELAPSED = """
elapsed = t - last_update
least = epsilon_pre*epsilon_post
kept_p = exp(-kappa_pre*elapsed/tau_p_pre)
"""
DECAYED = """
tau_i_{trace} = tau_z_{trace}_pre
tau_j_{trace} = tau_z_{trace}_post
tau_ij_{trace} = tau_i_{trace}*tau_j_{trace}/(tau_i_{trace} + tau_j_{trace})
a_{trace} = (z_spike_{trace}_pre - epsilon_pre)*exp(-(last_update - last_spike_pre)/tau_i_{trace})
b_{trace} = (z_spike_{trace}_post - epsilon_post)*exp(-(last_update - last_spike_post)/tau_j_{trace})
kept_i_{trace} = exp(-elapsed/tau_i_{trace})
kept_j_{trace} = exp(-elapsed/tau_j_{trace})
kept_ij_{trace} = kept_i_{trace}*kept_j_{trace}
share_i_{trace} = kappa_pre*tau_i_{trace}/(kappa_pre*tau_i_{trace} - tau_p_pre)
passed_i_{trace} = share_i_{trace}*(kept_i_{trace} - kept_p)
share_j_{trace} = kappa_pre*tau_j_{trace}/(kappa_pre*tau_j_{trace} - tau_p_pre)
passed_j_{trace} = share_j_{trace}*(kept_j_{trace} - kept_p)
share_ij_{trace} = kappa_pre*tau_ij_{trace}/(kappa_pre*tau_ij_{trace} - tau_p_pre)
passed_ij_{trace} = share_ij_{trace}*(kept_ij_{trace} - kept_p)
"""
LEARN = """
from_i_{trace} = a_{trace}*epsilon_post*passed_i_{trace}
from_j_{trace} = b_{trace}*epsilon_pre*passed_j_{trace}
from_ij_{trace} = a_{trace}*b_{trace}*passed_ij_{trace}
p_ij_{trace} = least + (p_ij_{trace} - least)*kept_p + from_i_{trace} + from_j_{trace} + from_ij_{trace}
"""
UPDATED = "last_update = t"
WEIGHT = "w_{trace} = log(p_ij_{trace}/(p_{trace}_pre*p_{trace}_post))"

# --- BCPNN traces with eligibility, for single synapses ------------------------------------
#   tau_e de/dt = z - e      tau_p dp/dt = kappa (e - p)     (Tully et al. 2014)
# in cells, and likewise e_ij, p_ij in synapses. An exponential of time constant tau in z adds
# g (exp(-t/tau) - exp(-t/tau_e)) to e, g = tau/(tau - tau_e). Its share of p is that of an
# exponential in z, above, times g; what is left in e decays with tau_e and passes on likewise.
ELIGIBILITY = """
e_{trace} : 1
tau_e : second (shared)
"""
ADVANCE_TRACE_E = """
kept_z = exp(-dt/tau_z_{trace})
kept_e = exp(-dt/tau_e)
kept_p = exp(-kappa*dt/tau_p)
passed_z = kappa*tau_z_{trace}/(kappa*tau_z_{trace} - tau_p)*(kept_z - kept_p)
passed_e = kappa*tau_e/(kappa*tau_e - tau_p)*(kept_e - kept_p)
g = tau_z_{trace}/(tau_z_{trace} - tau_e)*(z_{trace} - epsilon)
left = e_{trace} - epsilon - g
p_{trace} = epsilon + (p_{trace} - epsilon)*kept_p + g*passed_z + left*passed_e
e_{trace} = epsilon + g*kept_z + left*kept_e
z_{trace} = epsilon + (z_{trace} - epsilon)*kept_z
"""
SYNAPSE_ELIGIBILITY = "e_ij_{trace} : 1"
LEARN_E = """
kept_e = exp(-elapsed/tau_e_pre)
passed_e = kappa_pre*tau_e_pre/(kappa_pre*tau_e_pre - tau_p_pre)*(kept_e - kept_p)
g_i = a_{trace}*epsilon_post*tau_i_{trace}/(tau_i_{trace} - tau_e_pre)
g_j = b_{trace}*epsilon_pre*tau_j_{trace}/(tau_j_{trace} - tau_e_pre)
g_ij = a_{trace}*b_{trace}*tau_ij_{trace}/(tau_ij_{trace} - tau_e_pre)
left = e_ij_{trace} - least - g_i - g_j - g_ij
e_ij_{trace} = least + g_i*kept_i_{trace} + g_j*kept_j_{trace} + g_ij*kept_ij_{trace} + left*kept_e
from_z = g_i*passed_i_{trace} + g_j*passed_j_{trace} + g_ij*passed_ij_{trace}
p_ij_{trace} = least + (p_ij_{trace} - least)*kept_p + from_z + left*passed_e
"""

# --- Spike trains that are given, for single synapses --------------------------------------
GIVEN_SPIKE = "given_spikes(t, i) > 0.5"

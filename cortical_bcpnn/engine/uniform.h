// Uniform random numbers, eight streams side by side in vector registers.
//
// The generator is xoshiro256+ of Blackman & Vigna (2021), Scrambled linear pseudorandom number
// generators, ACM Transactions on Mathematical Software 47:36; its upper 52 bits are taken. The
// streams start from successive numbers of splitmix64 (Steele, Lea & Flood 2014), as the authors
// advise.
#ifndef CORTICAL_BCPNN_UNIFORM_H
#define CORTICAL_BCPNN_UNIFORM_H

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>

namespace live {

class Uniform {
    typedef uint64_t Words __attribute__((vector_size(32)));
    typedef double Numbers __attribute__((vector_size(32)));
    struct Streams {
        Words a, b, c, d;

        Numbers next() {
            const Words bits = ((a + d) >> 12) | 0x3ff0000000000000u;  // doubles in [1, 2)
            const Words shifted = b << 17;
            c ^= a;
            d ^= b;
            b ^= c;
            a ^= d;
            c ^= shifted;
            d = (d << 45) | (d >> 19);
            return (Numbers)bits - 1.0;
        }
    };
    static const size_t WIDTH = sizeof(Numbers) / sizeof(double);

    Streams first, second;
    double kept[2 * WIDTH];
    size_t used;

  public:
    static const size_t LANES = 2 * WIDTH;

    Uniform() { seed(0); }

    void seed(uint64_t number) {
        uint64_t words[sizeof(Streams) / sizeof(uint64_t)];
        for (Streams *streams : {&first, &second}) {
            for (uint64_t &word : words) {
                uint64_t z = number += 0x9e3779b97f4a7c15u;
                z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
                z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
                word = z ^ (z >> 31);
            }
            std::memcpy(streams, words, sizeof words);
        }
        used = LANES;
    }

    // So many numbers in [0, 1), and on to a multiple of LANES, for which there must be room.
    void fill(double *to, size_t number) {
        Streams here = first, there = second;  // in registers
        for (size_t start = 0; start < number; start += LANES) {
            const Numbers one = here.next(), other = there.next();
            std::memcpy(to + start, &one, sizeof one);
            std::memcpy(to + start + WIDTH, &other, sizeof other);
        }
        first = here;
        second = there;
    }

    double next() {
        if (used == LANES) {
            fill(kept, LANES);
            used = 0;
        }
        return kept[used++];
    }
};

// That of the process.
inline Uniform &uniform() {
    static Uniform generator;
    return generator;
}

}  // namespace live

#endif

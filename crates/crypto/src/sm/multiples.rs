//! Multiplying one point by many numbers, quickly, with a table of its multiples. Variable-time, for public data only.
//!
//! A number is cut into windows of a few bits with digits from -2^(w-1) to 2^(w-1). The table has, for each window, the
//! point times each positive digit at the window's place, so that a product is one addition for each window and no
//! doubling at all. Additions use the complete formulas of the curve's library: there are no exceptional cases.

use sm2::elliptic_curve::{BatchNormalize as _, Group as _, PrimeField as _};
use sm2::{AffinePoint, ProjectivePoint, Scalar};

const SCALAR_BITS: usize = 256;

/// A point with a table of its multiples.
pub struct Multiples {
    window_bits: usize,
    /// For each window the digits 1 to 2^(w-1), one window after the other.
    points: Vec<AffinePoint>,
}

impl Multiples {
    /// Tabulates a point. More bits in a window make products quicker and the table larger: `256 / w * 2^(w-1)` points of 72
    /// bytes. Between 2 and 8 bits.
    pub fn new(point: ProjectivePoint, window_bits: usize) -> Self {
        assert!((2..=8).contains(&window_bits), "digits fit a byte");
        let digits = 1 << (window_bits - 1);
        let windows = windows(window_bits);
        let mut points = Vec::with_capacity(windows * digits);
        let mut base = point;
        for _ in 0..windows {
            let mut multiple = base;
            for _ in 0..digits {
                points.push(multiple);
                multiple += base;
            }
            base = points.last().expect("there are digits").double(); // 2^(w-1) times two
        }
        Self { window_bits, points: ProjectivePoint::batch_normalize(points.as_slice()) }
    }

    /// Adds the point times the number to a sum.
    pub fn add_product(&self, scalar: &Scalar, sum: &mut ProjectivePoint) {
        let digits = 1 << (self.window_bits - 1);
        let number: [u8; 32] = scalar.to_repr().into();
        let mut carry = 0;
        for window in 0..windows(self.window_bits) {
            let value = bits(&number, window * self.window_bits, self.window_bits) + carry;
            let multiples = &self.points[window * digits..];
            if value > digits {
                carry = 1;
                if let Some(index) = (2 * digits - value).checked_sub(1) {
                    *sum -= &multiples[index];
                }
            } else {
                carry = 0;
                if let Some(index) = value.checked_sub(1) {
                    *sum += &multiples[index];
                }
            }
        }
    }
}

/// So many that the last one takes in the carry.
fn windows(window_bits: usize) -> usize {
    SCALAR_BITS / window_bits + 1
}

/// Bits of a big-endian number, counted from its lowest.
fn bits(number: &[u8; 32], from: usize, count: usize) -> usize {
    let byte = |index: usize| number.len().checked_sub(index + 1).map_or(0, |place| usize::from(number[place]));
    let pair = byte(from / 8) | byte(from / 8 + 1) << 8;
    (pair >> (from % 8)) & ((1 << count) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_those_of_the_library() {
        let point = ProjectivePoint::generator() * Scalar::from(7_u64);
        let mut numbers = vec![Scalar::ZERO, Scalar::ONE, -Scalar::ONE, Scalar::from(u64::MAX)];
        let (mut power, mut number) = (Scalar::ONE, Scalar::from(3_u64));
        for _ in 0..256 {
            power = power + power;
            number = number * number + Scalar::ONE;
            numbers.extend([power, number]);
        }
        for window_bits in 2..=8 {
            let multiples = Multiples::new(point, window_bits);
            for number in &numbers {
                let mut sum = ProjectivePoint::generator();
                multiples.add_product(number, &mut sum);
                assert_eq!(sum, ProjectivePoint::generator() + point * number, "{window_bits} bits");
            }
        }
    }
}
